// biome-ignore-all lint/performance/noBarrelFile: it makes one piece of them
/** What is shown of the month's messages. */
export { QuotaCard } from './quota-card'
export { UsageMeter } from './usage-meter'
