//! What the binaries that `scripts/lib/system.sh` starts against a running system are told.

use std::path::PathBuf;

use anyhow::Context;

use crate::client::Client;

/// Where the system is, who logs in, and what pictures there are.
#[derive(Debug, clap::Args)]
pub struct System {
    /// Address of the gateway, such as http://127.0.0.1:8080.
    #[arg(long)]
    pub gateway: String,
    /// E-mail address of the administrator.
    #[arg(long)]
    pub email: String,
    /// File that holds the administrator's password.
    #[arg(long)]
    pub password_file: PathBuf,
    /// Folder of pictures that `scripts/setup` made.
    #[arg(long)]
    pub pictures: PathBuf,
}

impl System {
    /// The administrator, acting in a new organization whose name begins with `name`.
    ///
    /// # Errors
    /// When the password cannot be read, or the gateway does not answer or refuses.
    pub async fn log_in(&self, name: &str) -> anyhow::Result<Client> {
        let password = std::fs::read_to_string(&self.password_file).context("read the password file")?;
        let admin = Client::log_in(&self.gateway, &self.email, password.trim()).await?;
        let organization = admin.create_organization(&format!("{name} {}", self.email)).await?;
        Ok(admin.within(&organization))
    }
}
