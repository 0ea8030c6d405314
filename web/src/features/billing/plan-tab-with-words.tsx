import '../../locales/billing-words'
import { PlanTab } from './plan-tab'

export const PlanTabWithWords = () => <PlanTab />
