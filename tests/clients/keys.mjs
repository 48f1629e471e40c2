// Makes the keys of one client: prints {"signing_key", "encryption_key", "jwks"}, the first two with their private members.
import { generateKeyPairSync } from 'node:crypto'

function pair(kid, use, alg) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid, use, alg }
}
const open = ({ d, ...rest }) => rest

const signing_key = pair('signing', 'sig', 'ES256')
const encryption_key = pair('encryption', 'enc', 'ECDH-ES+A256KW')
console.log(JSON.stringify({ signing_key, encryption_key, jwks: { keys: [open(signing_key), open(encryption_key)] } }))
