import { type ProtectValues, protectSnippet } from './protect-snippet.ts';

/** A program that protects an API, in a language. */
export interface ProtectProgram {
  readonly name: 'curl' | 'node' | 'middleware' | 'python' | 'go' | 'jose';
  readonly text: string;
}

/** Programs for an API whose tokens are opaque: each asks us what a token is worth. */
export function introspectionPrograms(values: ProtectValues): ProtectProgram[] {
  return [
    { name: 'curl', text: curlProgram(values) },
    { name: 'node', text: protectSnippet(values) },
    { name: 'middleware', text: middlewareProgram(values) },
    { name: 'python', text: pythonProgram(values) },
    { name: 'go', text: goProgram(values) },
  ];
}

/** For an API whose tokens are JWTs: it checks them itself (RFC 9068 §4). */
export function jwtPrograms(values: ProtectValues): ProtectProgram[] {
  return [{ name: 'jose', text: joseProgram(values) }];
}

function curlProgram({ issuer, clientId }: ProtectValues): string {
  return `curl '${issuer}/token/introspection' -u '${clientId}':"$API_SECRET" -d token="$TOKEN"
`;
}

/** For Koa; Express differs in the lines that say so. */
function middlewareProgram({ issuer, clientId, identifier, scope }: ProtectValues): string {
  return `// protect.mjs: app.use(protect(${JSON.stringify(scope)})), with API_SECRET in the environment
import { env } from 'node:process';

const introspection = '${issuer}/token/introspection';
const identifier = ${JSON.stringify(identifier)};
const credentials = btoa(\`${clientId}:\${env.API_SECRET}\`);

export function protect(scope) {
  return async (ctx, next) => { // Express: async (request, response, next) => {
    const header = ctx.headers.authorization ?? ''; // Express: request.headers.authorization
    const token = await introspect(header);
    const [status, challenge] = refusal(token, scope);
    if (status) { // Express: response.status(status).set('WWW-Authenticate', challenge).end()
      ctx.status = status;
      ctx.set('WWW-Authenticate', challenge);
      return;
    }
    ctx.state.token = token; // Express: request.token = token
    return next();
  };
}

function refusal(token, scope) {
  if (!token) return [401, 'Bearer error="invalid_token"'];
  if (token.scope?.split(' ').includes(scope)) return [];
  return [403, \`Bearer error="insufficient_scope", scope="\${scope}"\`];
}

async function introspect(header) {
  const [, token] = /^(?:Bearer|DPoP) ([\\w.~+/-]+=*)$/i.exec(header) ?? [];
  if (!token) return undefined;
  const answer = await fetch(introspection, {
    method: 'POST',
    headers: { Authorization: \`Basic \${credentials}\` },
    body: new URLSearchParams({ token }),
  });
  const found = answer.ok ? await answer.json() : {};
  // A token that is bound to a key needs its proof checked too: refused here, until you do.
  return found.active && found.aud === identifier && !found.cnf ? found : undefined;
}
`;
}

function pythonProgram({ issuer, clientId, identifier, scope }: ProtectValues): string {
  return `# api.py: run it with API_SECRET=… PORT=8080 python3 api.py
import base64, json, os, re, urllib.error, urllib.parse, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INTROSPECTION = "${issuer}/token/introspection"
IDENTIFIER = ${JSON.stringify(identifier)}
CREDENTIALS = base64.b64encode(f"${clientId}:{os.environ['API_SECRET']}".encode()).decode()


def check(header, scope):
    match = re.fullmatch(r"(?:Bearer|DPoP) ([\\w.~+/-]+=*)", header, re.I | re.A)
    if not match:
        return 401, "Bearer", None
    body = urllib.parse.urlencode({"token": match[1]}).encode()
    request = urllib.request.Request(INTROSPECTION, body, {"Authorization": f"Basic {CREDENTIALS}"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            token = json.load(answer)
    except urllib.error.URLError:
        return 503, None, None
    # A token that is bound to a key needs its proof checked too: refused here, until you do.
    if not token.get("active") or token.get("aud") != IDENTIFIER or token.get("cnf"):
        return 401, 'Bearer error="invalid_token"', None
    if scope not in token.get("scope", "").split():
        return 403, f'Bearer error="insufficient_scope", scope="{scope}"', None
    return 200, None, token


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        header = self.headers.get("Authorization", "")
        status, challenge, token = check(header, ${JSON.stringify(scope)})
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        hello = {"hello": token.get("sub") or token["client_id"]} if token else {}
        self.wfile.write(json.dumps(hello).encode())


print("ready", flush=True)
ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", 8080))), Api).serve_forever()
`;
}

function goProgram({ issuer, clientId, identifier, scope }: ProtectValues): string {
  return `// api.go: run it with API_SECRET=… PORT=8080 go run api.go
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

type Token struct {
	Active   bool            \`json:"active"\`
	Aud      string          \`json:"aud"\`
	Scope    string          \`json:"scope"\`
	Sub      string          \`json:"sub"\`
	ClientID string          \`json:"client_id"\`
	Cnf      json.RawMessage \`json:"cnf"\`
}

var bearer = regexp.MustCompile("(?i)^(?:Bearer|DPoP) ([\\\\w.~+/-]+=*)$")
var client = &http.Client{Timeout: 5 * time.Second}

func introspect(presented string) (token Token, err error) {
	form := strings.NewReader(url.Values{"token": {presented}}.Encode())
	request, err := http.NewRequest("POST", "${issuer}/token/introspection", form)
	if err != nil {
		return token, err
	}
	request.SetBasicAuth("${clientId}", os.Getenv("API_SECRET"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := client.Do(request)
	if err != nil {
		return token, err
	}
	defer answer.Body.Close()
	return token, json.NewDecoder(answer.Body).Decode(&token)
}

func protect(scope string, next func(http.ResponseWriter, Token)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		match := bearer.FindStringSubmatch(r.Header.Get("Authorization"))
		if match == nil {
			refuse(w, http.StatusUnauthorized, "Bearer")
			return
		}
		token, err := introspect(match[1])
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		// A token that is bound to a key needs its proof checked too: refused here, until you do.
		if !token.Active || token.Aud != ${JSON.stringify(identifier)} || token.Cnf != nil {
			refuse(w, http.StatusUnauthorized, \`Bearer error="invalid_token"\`)
			return
		}
		if !slices.Contains(strings.Fields(token.Scope), scope) {
			refuse(w, http.StatusForbidden, fmt.Sprintf(\`Bearer error="insufficient_scope", scope="%s"\`, scope))
			return
		}
		next(w, token)
	}
}

func refuse(w http.ResponseWriter, status int, challenge string) {
	w.Header().Set("WWW-Authenticate", challenge)
	w.WriteHeader(status)
}

func main() {
	http.HandleFunc("/", protect(${JSON.stringify(scope)}, func(w http.ResponseWriter, token Token) {
		json.NewEncoder(w).Encode(map[string]string{"hello": cmp.Or(token.Sub, token.ClientID)})
	}))
	fmt.Println("ready")
	http.ListenAndServe("127.0.0.1:"+cmp.Or(os.Getenv("PORT"), "8080"), nil)
}
`;
}

function joseProgram({ issuer, identifier, scope }: ProtectValues): string {
  return `// api.mjs: npm install jose, then run it with PORT=8080 node api.mjs
import { createServer } from 'node:http';
import { env } from 'node:process';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const keys = createRemoteJWKSet(new URL('${issuer}/jwks'));
const demands = {
  issuer: '${issuer}',
  audience: ${JSON.stringify(identifier)},
  typ: 'at+jwt',
  algorithms: ['ES256'],
};

// Answers the claims, or refuses in the words of RFC 6750.
async function check(request, scope) {
  const [, token] = /^(?:Bearer|DPoP) ([\\w.-]+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!token) return { status: 401, challenge: 'Bearer' };
  const claims = await jwtVerify(token, keys, demands).then(({ payload }) => payload, () => undefined);
  // A token that is bound to a key needs its proof checked too: refused here, until you do.
  if (!claims || claims.cnf) return { status: 401, challenge: 'Bearer error="invalid_token"' };
  if (!claims.scope?.split(' ').includes(scope))
    return { status: 403, challenge: \`Bearer error="insufficient_scope", scope="\${scope}"\` };
  return { status: 200, claims };
}

const server = createServer(async (request, response) => {
  const { status, challenge, claims } = await check(request, ${JSON.stringify(scope)});
  if (challenge) response.setHeader('WWW-Authenticate', challenge);
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(claims ? JSON.stringify({ hello: claims.sub }) : '{}');
});
server.listen(env.PORT ?? 8080, () => console.log('ready'));
`;
}
