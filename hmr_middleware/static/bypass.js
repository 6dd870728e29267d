// Modules that do not come through us: whatever serves static files outside of the middleware answers before it.

/**
 * Why the page has to be loaded again after *update* has been applied, or "". The newest text of a module that accepts
 * itself asks for `import.meta.hot` on its first line: one that has run without has come as it is in the file.
 * @param {HmrUpdate} update @param {HmrRegistry["contexts"]} contexts
 */
export function whyBypassed(update, contexts) {
  const own = update.updates.filter(({ kind, url, accepted, version }) => kind === "js" && url === accepted && version > 0)
  const missed = own.find(({ url, version }) => (contexts.get(url)?.version ?? 0) < version)
  return missed ? `${missed.url} passes by hmr_middleware: let that stand outside of what serves static files` : ""
}
