// Apart from the rest, and loaded when it is needed: browsers without import attributes cannot even parse it.

/** @param {string} url @param {string} type */
export const importTyped = (url, type) => import(url, { with: { type } })
