//! Where the servers are that tests run against.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The servers of this checkout, as `scripts/services` wrote them down.
#[derive(Clone)]
pub struct Servers(BTreeMap<String, String>);

/// Reads `run/services.env` of this checkout.
///
/// # Errors
/// When the file is not there, since the servers were never started.
pub fn servers() -> anyhow::Result<Servers> {
    let file = workspace_root().join("run/services.env");
    let text = fs::read_to_string(&file)
        .with_context(|| format!("no {}: start the servers with `scripts/services start`", file.display()))?;
    Ok(parse(&text))
}

/// The root of this checkout.
#[must_use]
pub fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn parse(text: &str) -> Servers {
    let pairs = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    Servers(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

impl Servers {
    /// Postgres, with the database in which other databases are made: `postgres://user:password@host:port/database`.
    ///
    /// # Errors
    /// When the file does not name it.
    pub fn database_url(&self) -> anyhow::Result<&str> {
        self.value("ROLLCALL_DATABASE__URL")
    }

    /// 32 bytes in base64 that seal templates.
    ///
    /// # Errors
    /// When the file does not name it.
    pub fn template_key(&self) -> anyhow::Result<&str> {
        self.value("ROLLCALL_DATABASE__TEMPLATE_KEY")
    }

    /// RabbitMQ: `amqp://user:password@host:port/vhost`.
    ///
    /// # Errors
    /// When the file does not name it.
    pub fn broker_url(&self) -> anyhow::Result<&str> {
        self.value("ROLLCALL_BROKER__URL")
    }

    /// Redis: `redis://:password@host:port/number`.
    ///
    /// # Errors
    /// When the file does not name it.
    pub fn redis_url(&self) -> anyhow::Result<&str> {
        self.value("ROLLCALL_REDIS__URL")
    }

    /// Any line of the file, by its key.
    ///
    /// # Errors
    /// When there is none.
    pub fn value(&self, key: &str) -> anyhow::Result<&str> {
        let value = self.0.get(key).with_context(|| format!("run/services.env has no {key}"))?;
        Ok(value)
    }

    /// Every line of the file, for the environment of a process.
    pub fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_keys_and_values_that_contain_anything() {
        let servers = parse("# written by scripts/services\nROLLCALL_DATABASE__URL=postgres://u:p=@h:1/d?a=b\n\n");
        assert_eq!(servers.database_url().unwrap(), "postgres://u:p=@h:1/d?a=b");
        assert!(servers.broker_url().is_err());
    }
}
