/** What an open menu is made of. `menu.tsx` loads it when a menu is first wanted. */
import { Menu } from 'radix-ui/internal'

export const Parts = Menu
