import { create } from 'zustand'

/** What the one `role="status"` region of the page says to those who cannot see it, and how often it has said something. */
export const useAnnouncement = create<{ text: string; times: number }>(() => ({ text: '', times: 0 }))

/** The same words said again are heard again. */
export const announce = (text: string) => useAnnouncement.setState(({ times }) => ({ text, times: times + 1 }))
