// What an import of a URL has to say besides the URL: a browser takes JSON and stylesheets only with their type.

/** The import attribute for *url*, "" where it takes none. @param {string} url */
export function typeOf(url) {
  return /\.(css|json)$/.exec(url.split(/[?#]/, 1)[0])?.[1] ?? ""
}

/** The statement that imports *url* for its effect. @param {string} url */
export function statement(url) {
  const type = typeOf(url)
  return `import ${JSON.stringify(url)}${type && ` with { type: "${type}" }`};`
}

/** Import whatever stands at *url*. @param {string} url @returns {Promise<any>} */
export async function importAny(url) {
  const type = typeOf(url)
  return type ? (await import("./typed.js")).importTyped(url, type) : import(url)
}
