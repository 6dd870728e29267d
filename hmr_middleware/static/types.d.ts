// Types of what the client's files share; nothing here is served.

interface HmrAcceptance {
  /** What is accepted: "" for the module itself, else its dependencies. */
  subject: string
  deps: string[] | null
  /** Whether a change of the module itself runs the callback. */
  itself: boolean
  /** Whether the dependencies were given as an array. */
  list: boolean
  callback?: Function
  onError?: Function
  instance: number
  /** The newest instance that said the same. */
  latest?: number
}

interface HmrContext {
  key: string
  data: any
  accepts: HmrAcceptance[]
  disposers: Function[]
  pruners: Function[]
  listeners: [string, Function][]
  instance: number
  /** Of the newest instance. */
  version: number
  /** Whether the next instance takes the place of this one, its registrations included. */
  renewed: boolean
}

interface HmrUpdateItem {
  url: string
  accepted: string
  version: number
  bubbled: boolean
  kind: "js" | "css" | "asset"
  /** Of a stylesheet: modules import it as a CSS module script. */
  adopted: boolean
}

interface HmrUpdate {
  updates: HmrUpdateItem[]
  /** Modules that run again, outermost first, with the version that is live then. */
  versions: Record<string, number>
  prunes: string[]
  /** What could not be imported, and the version at which another attempt may succeed. */
  fresh: Record<string, number>
  /** The part that what this page has refused before has nothing to do with. */
  alone?: HmrUpdate
}

interface HmrRegistry {
  home: URL
  root: string
  /** What the document itself is known by: the module that its inline modules are taken for. */
  page: string
  token: string
  since: number
  nonce: string
  csp: boolean
  /** The ways that lead to the server, best first; "" where it is every one. */
  transport: string
  /** The document as it was served: the name that the server gave it, and what is not usual about it. */
  served: { page: string, url: string, method: string, status: number }
  /** The document's text, where the server still has it. */
  base?: Promise<string | null>
  contexts: Map<string, HmrContext>
  live: Map<string, number>
  /** Keys of what could not be imported, and whether the user has asked for it, who may ask again. */
  failed: Map<string, boolean>
  /** The versions at which another attempt may succeed. */
  anew: Map<string, number>
  /** Keys of an update that could not be applied yet, with the newest version of each that the browser has loaded. */
  pending: Map<string, number>
  keyOf(url: string | URL): string
  versionOf(url: string): number
  atVersion(url: string, version: number): string
  urlOf(key: string, version?: number): string
  emit(event: string, payload?: any): Promise<unknown>
  /** idle, check, prepare, ready, dispose, apply, abort, fail */
  status: string
  statusHandlers: Function[]
  setStatus(status: string): Promise<unknown>
  /** Whether a module that the page itself loads could not be linked. */
  broken: boolean
  /** Resolves when the modules that the document itself loads have run, or could not. */
  ownModules: Promise<void>
  /** What was pruned, and at which version. */
  gone: Map<string, number>
  /** Keys of what came at two versions meanwhile. */
  doubled: Set<string>
  /** Keys of what could not be linked, and is tried again with the next change. */
  refused: Set<string>
  /** Whether updates are on hold. */
  held: boolean
  overlay: boolean
  /** Patterns of errors that nobody wants to be told of, besides the usual ones. */
  ignored: string[]
  check(apply?: boolean): Promise<string[] | null>
  apply(): Promise<string[]>
  onResume(): void
  on(event: string, callback: Function): void
  off(event: string, callback: Function): void
  waiting: any[]
  send(message: any): void
  invalidate(key: string, message: string): void
  onLoaded(fresh: Map<string, number>): void
  onFailed(): void
  noteLoaded(): void
  isOvertaken(versions: Record<string, number>): boolean
  /** Told of every error while a probe is under way; returns whether it was the probe's. */
  onFault: ((event: ErrorEvent) => boolean) | null
  problems: (ErrorEvent | PromiseRejectionEvent)[]
  onProblem(event: ErrorEvent | PromiseRejectionEvent): void
}

declare var __hmr__: any
