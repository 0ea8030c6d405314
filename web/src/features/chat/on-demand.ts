// biome-ignore-all lint/performance/noBarrelFile: it makes one piece of them; two would cut what they share out of the first page
/** What a message needs now and then. */
export { AboutMessageDialog } from './about-message'
export { MessageItems } from './message-items'
