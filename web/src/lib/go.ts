/** Goes to another page from outside of components, such as from a notice. The app sets it to the router's way. */
let navigate: (path: string) => void = (path) => location.assign(path)

export const setGo = (way: (path: string) => void) => {
  navigate = way
}

export const go = (path: string) => navigate(path)
