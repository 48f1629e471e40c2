"""Authlib goes the whole way at the baseline tier; joserfc opens the encrypted userinfo."""

import json
import sys

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet
import requests


def say(line):
    print(json.dumps(line), flush=True)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        setup = json.load(file)
    metadata = requests.get(setup["issuer"] + "/.well-known/openid-configuration", timeout=20).json()
    signing = ECKey.import_key(setup["signing_key"])
    session = OAuth2Session(
        setup["client_id"],
        client_secret=signing,
        token_endpoint_auth_method=PrivateKeyJWT(
            metadata["token_endpoint"], alg="ES256", headers={"kid": setup["signing_key"]["kid"]}
        ),
        redirect_uri=setup["redirect_uri"],
        scope=setup["scope"],
        code_challenge_method="S256",
    )
    verifier = "yizhan-client-authlib-0123456789-0123456789-0123456789"
    address, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce="nonce-of-authlib"
    )
    say({"open": address})
    callback = sys.stdin.readline().strip()
    tokens = session.fetch_token(
        metadata["token_endpoint"], authorization_response=callback, state=state, code_verifier=verifier, timeout=20
    )

    hub_keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=20).json())
    id_token = jwt.decode(tokens["id_token"], hub_keys, algorithms=["ES256"])
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": setup["issuer"]},
        aud={"essential": True, "value": setup["client_id"]},
        nonce={"essential": True, "value": "nonce-of-authlib"},
        exp={"essential": True},
    ).validate(id_token.claims)

    answer = session.get(metadata["userinfo_endpoint"], timeout=20)
    answer.raise_for_status()
    key = ECKey.import_key(setup["encryption_key"])
    envelope = jwe.decrypt_compact(answer.text, key, algorithms=["ECDH-ES+A256KW", "A256GCM"])
    claims = jwt.decode(envelope.plaintext.decode(), hub_keys, algorithms=["ES256"]).claims
    assert claims["sub"] == id_token.claims["sub"], "the subject of userinfo differs"
    say({"sub": claims["sub"], "claims": claims})


main()
