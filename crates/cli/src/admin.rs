//! `rollcall create-admin`.

use std::io::{IsTerminal, Read};

use anyhow::{Context, bail, ensure};
use chrono::Utc;
use domain::id::Id;
use domain::user::{Role, User};
use secrecy::{ExposeSecret, SecretString};
use store::StoreError;

use crate::arguments::CreateAdmin;
use crate::database;
use crate::settings::Settings;

/// Bcrypt cost: about a quarter of a second.
const COST: u32 = 12;

/// Makes an administrator.
pub(crate) async fn create(settings: &Settings, wanted: &CreateAdmin) -> anyhow::Result<()> {
    let email = wanted.email.trim().to_lowercase();
    check_email(&email)?;
    // The database first: nobody is to think of a password in vain.
    let (_pool, mut conn) = database::connect(settings).await?;
    let password = password(&settings.admin.password)?;
    check_password(password.expose_secret())?;
    let hash = bcrypt::non_truncating_hash(password.expose_secret(), COST).context("the password cannot be hashed")?;
    let user = User {
        id: Id::new(),
        organization_id: wanted.organization,
        email: email.clone(),
        role: Role::Admin,
        person_id: None,
        created_at: Utc::now(),
    };
    match store::users::insert(&mut conn, &user, &hash).await {
        Ok(()) => {}
        Err(StoreError::Conflict { what: "email" }) => {
            bail!("there is a user with the e-mail address {email} already: choose another one")
        }
        Err(StoreError::NotFound) => bail!("there is no organization with this id: check --organization"),
        Err(error) => return Err(error).context("the administrator could not be made"),
    }
    println!("made the administrator {email}");
    Ok(())
}

/// From the settings, a terminal, or the first line of standard input.
fn password(said: &SecretString) -> anyhow::Result<SecretString> {
    if !said.expose_secret().is_empty() {
        return Ok(said.clone());
    }
    if std::io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password: ").context("the terminal cannot be read")?;
        let second = rpassword::prompt_password("Again: ").context("the terminal cannot be read")?;
        ensure!(first == second, "the two passwords differ: try again");
        return Ok(first.into());
    }
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).context("standard input cannot be read")?;
    Ok(text.lines().next().unwrap_or_default().into())
}

fn check_email(email: &str) -> anyhow::Result<()> {
    let parts = email.split_once('@');
    let is_plausible = parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    ensure!(
        is_plausible && email.len() <= 254 && !email.contains(char::is_whitespace),
        "{email:?} is no e-mail address"
    );
    Ok(())
}

fn check_password(password: &str) -> anyhow::Result<()> {
    ensure!(
        !password.is_empty(),
        "there is no password: write it to standard input, or put it into ROLLCALL_ADMIN__PASSWORD"
    );
    domain::user::check_password(password).map_err(|problem| anyhow::anyhow!("the password {problem}"))
}

#[cfg(test)]
mod tests {
    use super::{check_email, check_password};

    #[test]
    fn addresses_are_plausible() {
        for good in ["a@b", "admin@school.example", "a.b+c@d.e"] {
            assert!(check_email(good).is_ok(), "{good}");
        }
        for bad in ["", "admin", "@school", "admin@", "a@b@c", "a b@c", &format!("{}@b", "a".repeat(300))] {
            assert!(check_email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_are_neither_short_nor_cut_off() {
        for good in ["correct horse", "äöüäöüäöüäöü", &"x".repeat(71)] {
            assert!(check_password(good).is_ok(), "{good}");
        }
        for bad in ["", "elevenchars", &"x".repeat(72), &"ä".repeat(36)] {
            assert!(check_password(bad).is_err(), "{bad}");
        }
    }
}
