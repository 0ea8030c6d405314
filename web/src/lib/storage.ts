/** Writes to localStorage. False if it is full or forbidden: what is on screen goes on without it. */
export function store(name: string, value: string): boolean {
  try {
    localStorage.setItem(name, value)
    return true
  } catch {
    return false
  }
}
