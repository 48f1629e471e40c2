// openid-client goes the whole way, at both tiers: discovery, (pushed) request, code, tokens, encrypted userinfo.
import * as client from 'openid-client'
import { importJWK } from 'jose'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'

const setup = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const high = setup.tier === 'high'
const say = (line) => console.log(JSON.stringify(line))

const signing = await importJWK(setup.signing_key, 'ES256')
const decryption = await importJWK(setup.encryption_key, 'ECDH-ES+A256KW')
const config = await client.discovery(
  new URL(setup.issuer),
  setup.client_id,
  { userinfo_signed_response_alg: 'ES256', id_token_signed_response_alg: 'ES256', use_mtls_endpoint_aliases: false },
  client.PrivateKeyJwt({ key: signing, kid: setup.signing_key.kid }),
)
client.enableDecryptingResponses(config, ['A256GCM'], {
  key: decryption,
  alg: 'ECDH-ES+A256KW',
  kid: setup.encryption_key.kid,
})

const DPoP = high ? client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) : undefined
const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const expectedNonce = client.randomNonce()
const parameters = {
  redirect_uri: setup.redirect_uri,
  scope: setup.scope,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: expectedState,
  nonce: expectedNonce,
}
const address = high
  ? await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
  : client.buildAuthorizationUrl(config, parameters)
say({ open: address.href })

const lines = createInterface({ input: process.stdin })
const callback = new URL(await lines.question(''))
lines.close()
const tokens = await client.authorizationCodeGrant(
  config,
  callback,
  { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true },
  undefined,
  { DPoP },
)
const sub = tokens.claims().sub
const claims = await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP })
say({ sub, claims })
