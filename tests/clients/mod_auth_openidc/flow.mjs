// mod_auth_openidc keeps a static page of an Apache of our own: sign-in by ID token alone, the page shows the subject.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'

const setup = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const site = new URL(setup.redirect_uri)
const say = (line) => console.log(JSON.stringify(line))

// Started by root, Apache serves as another user, who must reach these files: so they are not below the checkout.
const room = mkdtempSync(join(tmpdir(), 'yizhan-apache-'))
const log = join(room, 'error.log')

function configure() {
  const template = readFileSync(new URL('apache.conf', import.meta.url), 'utf8')
  const values = {
    ROOM: room,
    LISTEN: site.host,
    ISSUER: setup.issuer,
    CA: join(room, 'ca.pem'),
    CLIENT_ID: setup.client_id,
    CLIENT_SECRET: setup.client_secret,
    REDIRECT: setup.redirect_uri,
    SCOPE: setup.scope,
    USER: process.getuid() === 0 ? 'User nobody\nGroup nogroup' : '',
  }
  chmodSync(room, 0o755)
  writeFileSync(values.CA, readFileSync(setup.ca))
  writeFileSync(join(room, 'index.html'), readFileSync(new URL('index.html', import.meta.url)))
  writeFileSync(log, '')
  const path = join(room, 'apache.conf')
  writeFileSync(path, template.replace(/@([A-Z_]+)@/g, (_, name) => values[name]))
  return path
}

// Its own process, ended by its id; ready when its log says so.
async function start() {
  const apache = spawn('/usr/sbin/apache2', ['-f', configure(), '-DFOREGROUND'], { stdio: ['ignore', 2, 2] })
  const ended = once(apache, 'exit').then(([status]) => {
    throw new Error(`Apache ended with ${status}`)
  })
  const ready = new Promise((done) => {
    const look = () => readFileSync(log, 'utf8').includes('resuming normal operations') && done(watcher.close())
    const watcher = watch(log, look)
    look()
  })
  await Promise.race([ready, ended])
  ended.catch(() => {})
  return apache
}

// As a browser that opens a page; `fetch` says that it is none, and Apache then refuses instead of redirecting.
const cookies = new Map()
async function ask(url) {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const [answer] = await once(get(url, { headers: { accept: 'text/html', cookie } }), 'response')
  for (const line of answer.headers['set-cookie'] ?? []) {
    const [pair] = line.split(';')
    const at = pair.indexOf('=')
    cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return { status: answer.statusCode, location: answer.headers.location, text: (await answer.setEncoding('utf8').toArray()).join('') }
}

function onward(answer, what) {
  if (answer.status !== 302 || !answer.location) throw new Error(`${what}: ${answer.status} instead of a redirect`)
  return new URL(answer.location, site)
}

async function flow() {
  say({ open: onward(await ask(new URL('/', site)), 'a stranger at the page').href })
  const lines = createInterface({ input: process.stdin })
  const callback = new URL(await lines.question(''))
  lines.close()
  const page = await ask(onward(await ask(callback), 'the callback'))
  const sub = /<output>([^<]*)<\/output>/.exec(page.text)?.[1]
  if (page.status !== 200 || !sub) throw new Error(`the page: ${page.status}\n${page.text}`)
  return { sub, claims: {} }
}

let apache
try {
  apache = await start()
  say(await flow())
} catch (error) {
  console.error(readFileSync(log, 'utf8'))
  throw error
} finally {
  if (apache && apache.exitCode === null) {
    const gone = once(apache, 'exit')
    apache.kill('SIGTERM')
    await gone
  }
  rmSync(room, { recursive: true })
}
