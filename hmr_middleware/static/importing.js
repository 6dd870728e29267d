// Parts of the client that are loaded when they are needed: the server may have been away before.

/**
 * What *load* imports, or else the part of that *name* from another folder: some browsers never ask again for a module
 * that they could not have.
 * @template T @param {() => Promise<T>} load @param {string} name @returns {Promise<T>}
 */
export async function importPart(load, name) {
  try {
    return await load()
  } catch {
    const other = Date.now().toString(16).padStart(20, "0")
    return import(new URL(`../~${other}/${name}`, import.meta.url).href)
  }
}
