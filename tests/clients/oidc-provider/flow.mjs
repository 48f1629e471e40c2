// An upstream provider that no one here wrote: npm oidc-provider, unmodified. Starts it on loopback, starts a development hub
// with it as upstream, and lets a person with a browser without JavaScript sign in there and come back.
// Arguments: the program `yizhan`, an empty folder. Prints one line {"signedIn": true, …} or says what went wrong.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import Provider from 'oidc-provider'

const [program, folder] = process.argv.slice(2)
// The seeded test person whose number the provider knows; people of it have accounts of their own there.
const PERSON = 'zhang'
const ACCOUNT = { sub: 'provider-account-1', phone_number: '+8601988776651', phone_number_verified: true }

const server = createServer()
await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
const issuer = `http://127.0.0.1:${server.address().port}`

const upstream = (id, name, client_auth) => ({
  id, name: { 'zh-CN': name, en: id }, issuer, client_id: 'yizhan', client_auth, scopes: ['phone'],
  account: { claim: 'phone_number', is: 'mobile' }, creates_accounts: false, assurance: 'real-name',
})
const file = join(folder, 'upstreams.json')
writeFileSync(file, JSON.stringify({ providers: [upstream('province', '省统一身份认证', 'private-key-jwt')] }))

const hub = spawn(program, ['demo', '--addr', '127.0.0.1:0', '--data', join(folder, 'data'), '--upstreams', file], {
  stdio: ['ignore', 'ignore', 'pipe'],
})
process.on('exit', () => hub.kill())
hub.on('exit', (code) => { if (code) { console.error(`the hub ended with ${code}`); process.exit(1) } })
const port = await new Promise((found) => {
  let text = ''
  hub.stderr.on('data', (part) => {
    process.stderr.write(part)
    text += part
    const line = /^http:\/\/127\.0\.0\.1:(\d+)$/m.exec(text)
    if (line) found(line[1])
  })
})
const origin = `http://localhost:${port}`
const keys = await (await fetch(`http://localhost:${port}/sign-in/elsewhere/province/jwks`)).json()

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'yizhan',
    redirect_uris: [`${origin}/sign-in/elsewhere/province/callback`],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: keys,
  }],
  scopes: ['openid', 'phone'],
  claims: { openid: ['sub'], phone: ['phone_number', 'phone_number_verified'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...ACCOUNT, sub: id }) }),
})
server.on('request', provider.callback())

// A browser: cookies by origin (a port tells apart here), forms by their fields, redirects by hand.
const jars = new Map()
async function ask(url, options = {}, site = 'none') {
  const jar = jars.get(url.origin) ?? jars.set(url.origin, new Map()).get(url.origin)
  const headers = {
    accept: 'text/html', 'accept-language': 'zh-CN', 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document', cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
    ...options.headers,
  }
  const answer = await fetch(url, { ...options, headers, redirect: 'manual' })
  for (const line of answer.headers.getSetCookie()) {
    const [pair, ...rest] = line.split(';')
    const at = pair.indexOf('=')
    const gone = rest.some((part) => /max-age=0/i.test(part) || /expires=Thu, 01 Jan 1970/i.test(part))
    if (gone) jar.delete(pair.slice(0, at))
    else jar.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return answer
}

async function walk(start) {
  let [url, answer] = [new URL(start, origin), await ask(new URL(start, origin))]
  for (let step = 0; step < 20; step += 1) {
    if (answer.status >= 300 && answer.status < 400) {
      const next = new URL(answer.headers.get('location'), url)
      const site = next.origin === url.origin ? 'same-origin' : 'cross-site'
      url = next
      answer = await ask(url, {}, site)
      continue
    }
    const text = await answer.text()
    if (url.origin === origin) return { url, status: answer.status, text }
    // A page of the provider: its own sign-in and its own consent, as they come with it.
    const action = /<form[^>]*action="([^"]+)"/.exec(text)?.[1]
    assert(action, `${answer.status} at ${url}: ${text.slice(0, 500)}`)
    const prompt = /name="prompt" value="([^"]+)"/.exec(text)?.[1] ?? 'login'
    const fields = prompt === 'login' ? { prompt, login: ACCOUNT.sub, password: 'anything' } : { prompt }
    answer = await ask(new URL(action, url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields),
    }, 'same-origin')
  }
  throw new Error('the sign-in does not end')
}

const page = await (await ask(new URL('/sign-in?to=/me', origin))).text()
const link = /href="(\/sign-in\/elsewhere\/province[^"]*)"/.exec(page)?.[1]
assert(link && page.includes('省统一身份认证'), 'the sign-in page offers the provider')
const first = await walk(link.replaceAll('&amp;', '&'))
assert.equal(first.status, 200, first.text)
assert.equal(first.url.pathname, '/me', first.text)
const me = await (await ask(new URL('/api/me', origin), { headers: { accept: 'application/json' } }, 'same-origin')).json()
assert.equal(me.acr, 'urn:yizhan:acr:real-name', 'as surely as configured')
// Again, in a new browser, from the account that is linked now.
jars.clear()
const again = await walk('/sign-in/elsewhere/province?to=/me')
assert.equal(again.url.pathname, '/me')
// What the hub wrote down: whom the provider's account was linked to, once, and who signed in.
const ended = new Promise((done) => hub.once('exit', done))
hub.kill('SIGINT')
await ended
const audit = execFileSync(program, ['audit', 'list', '--data', join(folder, 'data')], { encoding: 'utf8' })
const rows = (action) => audit.split('\n').filter((line) => line.includes(action) && line.includes(PERSON))
assert.equal(rows('person.changed').length, 1, audit)
assert.ok(rows('person.changed')[0].includes('upstream:province'), audit)
assert.equal(rows('sign-in.ok').length, 2, audit)
for (const value of [ACCOUNT.sub, ACCOUNT.phone_number.slice(3)]) assert.ok(!audit.includes(value), 'no value in the audit')
console.log(JSON.stringify({ signedIn: true, person: PERSON, acr: me.acr }))
process.exit(0)
