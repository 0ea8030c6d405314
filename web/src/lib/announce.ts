import { create } from 'zustand'

/** What the one `role="status"` region of the page says to those who cannot see it. */
export const useAnnouncement = create<{ text: string }>(() => ({ text: '' }))

export const announce = (text: string) => useAnnouncement.setState({ text })
