import '../locales/person-words'
import { ComponentsPage } from '../app/components-page'

export const Components = () => <ComponentsPage />
