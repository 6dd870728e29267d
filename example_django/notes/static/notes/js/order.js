// How the wall may be ordered, by the option's value; an option that is not here leaves the server's order.

export const orders = {
  title: (one, other) => one.title.localeCompare(other.title),
}
