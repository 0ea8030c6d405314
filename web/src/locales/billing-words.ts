/** Imported by the pages about plans and payments: their words come with them. */
import { addEnglish } from '../lib/i18n'
import { enBilling } from './en-billing'

addEnglish(enBilling)
