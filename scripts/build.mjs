/** `npm run build`: src/ → dist/. */
import { build, installIfMissing, requireNode } from './prepare.mjs'

requireNode()
installIfMissing()
build()
