// biome-ignore-all lint/performance/noBarrelFile: it makes one piece of them; two would cut what they share out of the first page
/** What the sidebar needs now and then. */
export { GroupDialog } from './group-dialogs'
export { SelectionBar } from './selection-bar'
