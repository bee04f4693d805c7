/** What of an API stands in the configuration of its gateway. Its secret never does. */
export interface GatewayValues {
  readonly issuer: string;
  readonly clientId: string;
  /** Where the gateway listens, and where the API itself does. */
  readonly listen: string;
  readonly upstream: string;
  /** The name that callers know the API by. */
  readonly apiHost: string;
}

/** A configuration to copy, for a gateway that asks another service about each call. */
export interface GatewayConfig {
  readonly name: 'nginx' | 'traefik' | 'envoy';
  readonly text: string;
}

export function gatewayConfigs(values: GatewayValues): GatewayConfig[] {
  return [
    { name: 'nginx', text: nginxConfig(values) },
    { name: 'traefik', text: traefikConfig(values) },
    { name: 'envoy', text: envoyConfig(values) },
  ];
}

/** The command that writes the credentials into a file of their own: they are read from the terminal, never shown. */
export function credentialsCommand(clientId: string): string {
  return `read -rs SECRET && printf 'proxy_set_header Gatehouse-Api "Basic %s";\\n' \\
  "$(printf %s "${clientId}:$SECRET" | base64 | tr -d '\\n')" > gatehouse-credentials.conf
`;
}

/** Part of `http { … }`. Also the whole of examples/gateway, which is tested with a real nginx. */
export function nginxConfig({ issuer, listen, upstream }: GatewayValues): string {
  const { protocol, host, port } = new URL(issuer);
  const place = port === '' ? `${host}:${protocol === 'https:' ? 443 : 80}` : host;
  const sni = protocol === 'https:' ? '\n    proxy_ssl_server_name on;\n    proxy_ssl_name ' : '';
  return `upstream gatehouse {
  server ${place};
  keepalive 32;
}

# With 401 nginx sends the challenge by itself.
map $gatehouse_status $gatehouse_challenge_beside {
  403     $gatehouse_challenge;
  default "";
}

server {
  listen ${listen};

  location / {
    auth_request /.gatehouse-check;
    auth_request_set $gatehouse_subject   $upstream_http_gatehouse_subject;
    auth_request_set $gatehouse_client    $upstream_http_gatehouse_client;
    auth_request_set $gatehouse_scope     $upstream_http_gatehouse_scope;
    auth_request_set $gatehouse_status    $upstream_http_gatehouse_status;
    auth_request_set $gatehouse_reason    $upstream_http_gatehouse_reason;
    auth_request_set $gatehouse_message   $upstream_http_gatehouse_message;
    auth_request_set $gatehouse_challenge $upstream_http_www_authenticate;
    auth_request_set $gatehouse_nonce     $upstream_http_dpop_nonce;
    auth_request_set $gatehouse_wait      $upstream_http_retry_after;
    auth_request_set $gatehouse_limit     $upstream_http_ratelimit;
    error_page 401 403 = @gatehouse-refused;

    # In place of whatever a visitor sent under these names: an empty value sends none.
    proxy_set_header Gatehouse-Subject $gatehouse_subject;
    proxy_set_header Gatehouse-Client  $gatehouse_client;
    proxy_set_header Gatehouse-Scope   $gatehouse_scope;
    proxy_set_header Authorization     "";
    proxy_set_header DPoP              "";
    # Gatehouse judged the method and path as they were sent, so nothing may name others.
    proxy_set_header X-HTTP-Method-Override "";
    proxy_set_header X-HTTP-Method          "";
    proxy_set_header X-Method-Override      "";
    proxy_set_header X-Original-URL         "";
    proxy_set_header X-Rewrite-URL          "";
    proxy_set_header Host              $http_host;
    proxy_set_header X-Forwarded-For   $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    # Without a path of its own, so that the API gets the very path that was judged.
    proxy_pass ${upstream};
  }

  location = /.gatehouse-check {
    internal;
    # Nothing that a visitor sent but what is named here.
    proxy_pass_request_headers off;
    proxy_pass_request_body off;
    proxy_set_header Content-Length    "";
    proxy_set_header Connection        "";
    proxy_set_header Host              ${host};
    proxy_set_header Authorization     $http_authorization;
    proxy_set_header DPoP              $http_dpop;
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Original-URI    $request_uri;
    proxy_set_header X-Forwarded-Host  $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    # One line: proxy_set_header Gatehouse-Api "Basic …";
    include gatehouse-credentials.conf;
    proxy_http_version 1.1;${sni}${sni && `${new URL(issuer).hostname};`}
    # nginx takes every answer but 401 and 403 for a fault, so a 429 comes as 403 and is mapped back below.
    proxy_pass ${protocol}//gatehouse/check?deny=403;
  }

  location @gatehouse-refused {
    internal;
    default_type application/json;
    add_header WWW-Authenticate $gatehouse_challenge_beside always;
    add_header DPoP-Nonce       $gatehouse_nonce always;
    add_header Retry-After      $gatehouse_wait always;
    add_header RateLimit        $gatehouse_limit always;
    add_header Cache-Control    no-store always;
    # The gateway's own fault, which no app can mend.
    if ($gatehouse_reason = "api-credentials") { return 502; }
    if ($gatehouse_reason = "gateway-request") { return 502; }
    if ($gatehouse_status = "429") { return 429 '{"error":"$gatehouse_reason","message":"$gatehouse_message"}\\n'; }
    if ($gatehouse_status = "401") { return 401 '{"error":"$gatehouse_reason","message":"$gatehouse_message"}\\n'; }
    return 403 '{"error":"$gatehouse_reason","message":"$gatehouse_message"}\\n';
  }
}
`;
}

/** For Traefik's file provider. */
function traefikConfig({ issuer, upstream, apiHost }: GatewayValues): string {
  return `http:
  middlewares:
    gatehouse-credentials:
      headers:
        customRequestHeaders:
          # "Basic" and the base64 of client ID, colon, secret.
          Gatehouse-Api: "Basic …"
    gatehouse-check:
      forwardAuth:
        address: "${issuer}/check"
        # Nothing else that a visitor sent. Traefik itself adds X-Forwarded-Method and X-Forwarded-Uri.
        authRequestHeaders: [Gatehouse-Api, Authorization, DPoP]
        # In place of whatever a visitor sent under these names.
        authResponseHeaders: [Gatehouse-Subject, Gatehouse-Client, Gatehouse-Scope, Gatehouse-Expires]
    gatehouse-clean:
      headers:
        customRequestHeaders:
          Gatehouse-Api: ""
          Authorization: ""
          DPoP: ""
          X-HTTP-Method-Override: ""
          X-HTTP-Method: ""
          X-Method-Override: ""
          X-Original-URL: ""
          X-Rewrite-URL: ""
  routers:
    api:
      rule: "Host(\`${apiHost}\`)"
      middlewares: [gatehouse-credentials, gatehouse-check, gatehouse-clean]
      service: api
  services:
    api:
      loadBalancer:
        servers:
          - url: "${upstream}"
`;
}

/** Envoy asks under the Host that the API was called by. */
function envoyConfig({ issuer, apiHost }: GatewayValues): string {
  return `# Envoy keeps the Host of the call: Gatehouse needs INTERNAL_HOSTS=${apiHost}.
# The cluster "gatehouse" leads to ${new URL(issuer).host}.
http_filters:
  - name: envoy.filters.http.ext_authz
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
      failure_mode_allow: false
      # Nothing else that a visitor sent; Authorization, Host, method and path come along by themselves.
      allowed_headers:
        patterns: [{ exact: dpop }, { exact: x-forwarded-proto }]
      http_service:
        server_uri: { uri: "${issuer}", cluster: gatehouse, timeout: 1s }
        path_prefix: /check
        authorization_request:
          headers_to_add:
            # "Basic" and the base64 of client ID, colon, secret.
            - { key: gatehouse-api, value: "Basic …" }
        authorization_response:
          # In place of whatever a visitor sent under these names: each of them is in every answer, empty at times.
          allowed_upstream_headers:
            patterns: [{ prefix: gatehouse- }]
          allowed_client_headers:
            patterns:
              - { exact: www-authenticate }
              - { exact: dpop-nonce }
              - { exact: retry-after }
              - { exact: ratelimit }
              - { prefix: gatehouse- }
  - name: envoy.filters.http.router
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
# In the route to the API:
request_headers_to_remove:
  [authorization, dpop, x-http-method-override, x-http-method, x-method-override, x-original-url, x-rewrite-url]
`;
}
