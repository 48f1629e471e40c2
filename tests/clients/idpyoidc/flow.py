"""idpyoidc goes the whole way: its relying-party handler does discovery, request, code, tokens and encrypted userinfo."""

import json
import sys
from urllib.parse import parse_qsl, urlsplit

from cryptojwt.key_jar import KeyJar
from cryptojwt.jwk.jwk import key_from_jwk_dict
from idpyoidc.client.rp_handler import RPHandler
import requests


def say(line):
    print(json.dumps(line), flush=True)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        setup = json.load(file)
    keys = KeyJar()
    for name in ("signing_key", "encryption_key"):
        keys.add_keys("", [key_from_jwk_dict(setup[name])])
        keys.add_keys(setup["client_id"], [key_from_jwk_dict(setup[name])])
    # The library insists on RS256 in what it discovers itself; the hub signs with ES256 alone. So the metadata is handed to
    # it, as its configuration allows, and nothing else is different.
    metadata = requests.get(setup["issuer"] + "/.well-known/openid-configuration", timeout=20).json()
    client = {
        "issuer": setup["issuer"],
        "provider_info": metadata,
        "client_id": setup["client_id"],
        "client_type": "oidc",
        "redirect_uris": [setup["redirect_uri"]],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "client_authn_methods": {"private_key_jwt": "idpyoidc.client.client_auth.PrivateKeyJWT"},
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "ES256",
        "userinfo_encrypted_response_alg": "ECDH-ES+A256KW",
        "userinfo_encrypted_response_enc": "A256GCM",
        "response_types_supported": ["code"],
        "scopes_supported": setup["scope"].split(),
        "add_ons": {
            "pkce": {
                "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
            }
        },
    }
    handler = RPHandler(
        base_url="https://client.invalid",
        client_configs={"yizhan": client},
        keyjar=keys,
        httpc_params={"verify": setup["ca"], "timeout": 20},
    )
    address = handler.begin("yizhan", req_args={"scope": setup["scope"].split()})
    say({"open": address})
    callback = sys.stdin.readline().strip()
    response = dict(parse_qsl(urlsplit(callback).query))
    result = handler.finalize(response["iss"], response)
    if "error" in result:
        sys.exit(str(result))
    claims = result["userinfo"].to_dict()
    say({"sub": claims["sub"], "claims": claims})


main()
