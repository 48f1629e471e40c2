"""idpyoidc goes the whole way: its relying-party handler does request, code, tokens and ID token; joserfc opens userinfo."""

import json
import sys
from urllib.parse import parse_qsl, urlsplit

from cryptojwt.key_jar import KeyJar
from cryptojwt.jwk.jwk import key_from_jwk_dict
from idpyoidc.client.rp_handler import RPHandler
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet
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
    # Of a provider on localhost, and only there, cryptojwt fetches the keys without checking the certificate.
    handler = RPHandler(
        base_url="https://client.invalid",
        client_configs={"yizhan": client},
        keyjar=keys,
        httpc_params={"verify": True, "timeout": 20},
    )
    address = handler.begin("yizhan", req_args={"scope": setup["scope"].split()})
    say({"open": address})
    callback = sys.stdin.readline().strip()
    response = dict(parse_qsl(urlsplit(callback).query))
    # Its own JOSE library, cryptojwt, derives the key of ECDH-ES+A256KW from "A256KW" instead of the whole name (RFC 7518,
    # section 4.6.2), and opens no other library's envelope. So the handler stops before userinfo.
    library = handler.issuer2rp[response["iss"]]
    authorized = library.finalize_auth(response)
    tokens = library.get_access_and_id_token(authorized, state=response["state"])
    subject = tokens["id_token"]["sub"]

    bearer = {"authorization": "Bearer " + tokens["access_token"]}
    answer = requests.get(metadata["userinfo_endpoint"], headers=bearer, timeout=20)
    answer.raise_for_status()
    key = ECKey.import_key(setup["encryption_key"])
    envelope = jwe.decrypt_compact(answer.text, key, algorithms=["ECDH-ES+A256KW", "A256GCM"])
    hub_keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=20).json())
    claims = jwt.decode(envelope.plaintext.decode(), hub_keys, algorithms=["ES256"]).claims
    assert claims["sub"] == subject, "the subject of userinfo differs"
    say({"sub": subject, "claims": claims})


main()
