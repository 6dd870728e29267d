// Modules that do not come through us: whatever serves static files outside of the middleware answers before it.

const SCRIPT = /\.m?js(\?|$)/

/**
 * Why the page has to be loaded again after *update* has been applied, or "". The newest text of a module that accepts
 * itself asks for `import.meta.hot` on its first line: where none in the page ever has, they come as they are in the files.
 * @param {HmrUpdate} update @param {HmrRegistry["contexts"]} contexts
 */
export function whyBypassed(update, contexts) {
  if ([...contexts.keys()].some((key) => SCRIPT.test(key))) return ""
  const own = update.updates.filter(({ kind, url, accepted, version }) => kind === "js" && url === accepted && version > 0)
  return own.length ? `${own[0].url} passes by hmr_middleware: let that stand outside of what serves static files` : ""
}
