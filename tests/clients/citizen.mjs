// A person with a browser without JavaScript: signs in as a test person, agrees, and prints the address that the hub sends
// the browser back to; with the third argument `session`, prints {"cookie", "csrf"} of the session instead.
// Arguments: authorization address, test person; environment: NODE_EXTRA_CA_CERTS.
const [address, persona, wanted] = process.argv.slice(2)
const hub = new URL(address).origin
const cookies = new Map()

async function ask(url, options = {}) {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const headers = { accept: 'text/html', 'accept-language': 'zh-CN', cookie, ...options.headers }
  const answer = await fetch(url, { ...options, headers, redirect: 'manual' })
  for (const line of answer.headers.getSetCookie()) {
    const [pair] = line.split(';')
    const at = pair.indexOf('=')
    cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return answer
}

const decode = (text) =>
  text.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&#38;', '&').replaceAll('&amp;', '&')

// The forms of a page: where each goes, and its hidden fields.
function forms(page) {
  return [...page.matchAll(/<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].map(([, action, inside]) => ({
    action: decode(action),
    inside,
    fields: Object.fromEntries(
      [...inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [name, decode(value)]),
    ),
  }))
}

function submit(page, form, fields) {
  return ask(new URL(form.action, page), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: hub, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ ...form.fields, ...fields }),
  })
}

// What a script of this browser needs to act for the person.
async function session() {
  const { csrf } = await (await ask(`${hub}/api/me`, { headers: { accept: 'application/json' } })).json()
  return { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '), csrf }
}

let page = new URL(address)
let answer = await ask(page)
for (let step = 0; step < 20; step += 1) {
  if (answer.status >= 300 && answer.status < 400) {
    const next = new URL(answer.headers.get('location'), page)
    if (next.origin !== hub) {
      console.log(wanted === 'session' ? JSON.stringify(await session()) : next.href)
      process.exit(0)
    }
    page = next
    answer = await ask(page)
    continue
  }
  const text = await answer.text()
  const found = forms(text)
  const signIn = found.find((form) => form.inside.includes('name="persona"'))
  const consent = found.find((form) => form.inside.includes('name="decision" value="agree"'))
  const capacity = found.find((form) => form.inside.includes('name="capacity"'))
  if (signIn) answer = await submit(page, signIn, { persona })
  else if (consent) answer = await submit(page, consent, { decision: 'agree' })
  else if (capacity) answer = await submit(page, capacity, { capacity: '' })
  else throw new Error(`${answer.status} at ${page}: no form that leads on\n${text.slice(0, 2000)}`)
}
throw new Error('the sign-in does not end')
