"""Every route of accounts, in one place."""

from fastapi import FastAPI

from api.accounts import (
    account_pages,
    invitation_pages,
    openid_logout,
    openid_pages,
    own_data_pages,
    passkey_pages,
    people_pages,
    proof_pages,
    second_pages,
    sign_in_pages,
    strength_pages,
)


def install(app: FastAPI) -> None:
    """Give an app the pages and addresses of accounts."""
    app.include_router(account_pages.api_router)
    signing = (sign_in_pages, second_pages, passkey_pages, openid_pages, openid_logout, proof_pages)
    mine = (invitation_pages, strength_pages, account_pages, own_data_pages)
    for module in (*signing, *mine, people_pages):
        app.include_router(module.router)
    proof_pages.install(app)
