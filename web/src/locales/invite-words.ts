/** Imported by the page of an invitation: its words come with it. */
import { addEnglish } from '../lib/i18n'
import { enInvite } from './en-invite'

addEnglish(enInvite)
