//! Who is asking, and whether they may.
//!
//! A handler says in its signature what it needs: [`access::Allowed`] with a permission, [`access::InstallationAdmin`],
//! [`access::CurrentUser`] or [`sender::FrameSender`]. A handler without one of these is visibly public.

pub(crate) mod access;
pub(crate) mod caller;
pub(crate) mod cookie;
pub(crate) mod login;
pub(crate) mod password;
pub(crate) mod permission;
pub(crate) mod qr;
pub(crate) mod secret;
pub(crate) mod sender;
pub(crate) mod token;
