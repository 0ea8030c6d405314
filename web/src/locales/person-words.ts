/** Imported by what needs somebody who has signed in: its words come with it. */
import { addEnglish } from '../lib/i18n'
import { enPerson } from './en-person'

addEnglish(enPerson)
