//! Puts libtorch's folder into the run-time search path of what this package links, so nothing needs LD_LIBRARY_PATH.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Said by torch-sys to the packages that depend on it directly.
    let Some(libtorch) = std::env::var_os("DEP_TCH_LIBTORCH_LIB") else { return };
    let libtorch = Path::new(&libtorch);
    // The old kind of tag also serves the libraries that libtorch itself loads.
    println!("cargo::rustc-link-arg=-Wl,--disable-new-dtags,-rpath,{}", libtorch.display());
    if libtorch.join("libtorch_cuda.so").exists() {
        // Nothing calls it by name, so the linker would leave it out and CUDA would be absent without a word.
        println!("cargo::rustc-link-arg=-Wl,--no-as-needed,-ltorch_cuda,--as-needed");
    }
}
