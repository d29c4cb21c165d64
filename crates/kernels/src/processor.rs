//! Which vector instructions this processor has, asked once while the program runs. Nothing is built for one machine.

use std::sync::OnceLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// What every processor of this architecture has.
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The level in use, by name.
pub fn instructions() -> &'static str {
    match level() {
        Level::Plain => "plain",
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => "AVX2",
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => "AVX-512",
    }
}

/// The best level here, or a lower one where `BALLAST_SIMD` says `plain` or `avx2`: to compare levels on one processor.
pub fn level() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(|| match (std::env::var("BALLAST_SIMD").as_deref(), best()) {
        (Ok("plain"), _) => Level::Plain,
        #[cfg(target_arch = "x86_64")]
        (Ok("avx2"), Level::Avx512) => Level::Avx2,
        (_, best) => best,
    })
}

#[cfg(target_arch = "x86_64")]
fn best() -> Level {
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw");
    match (avx2, avx512) {
        (true, true) => Level::Avx512,
        (true, false) => Level::Avx2,
        _ => Level::Plain,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn best() -> Level {
    Level::Plain
}

/// Defines a function whose body is compiled once for each level; which one runs is chosen at the call. The body is plain
/// Rust that the compiler vectorizes, and whatever it calls must be `#[inline(always)]` to be compiled for the level too. In
/// the body `FMA` says whether multiplying and adding is one instruction.
macro_rules! for_each_level {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        $(#[$attribute])*
        #[allow(clippy::too_many_arguments)]
        $visibility fn $name($($argument: $kind),*) $(-> $result)? {
            #[inline(always)]
            #[allow(unused)]
            fn body<const FMA: bool>($($argument: $kind),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
                fn avx512($($argument: $kind),*) $(-> $result)? { body::<true>($($argument),*) }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($argument: $kind),*) $(-> $result)? { body::<true>($($argument),*) }
                // SAFETY: the level says that the processor has these instructions.
                match $crate::processor::level() {
                    $crate::processor::Level::Avx512 => return unsafe { avx512($($argument),*) },
                    $crate::processor::Level::Avx2 => return unsafe { avx2($($argument),*) },
                    $crate::processor::Level::Plain => {}
                }
            }
            body::<{ cfg!(target_arch = "aarch64") }>($($argument),*)
        }
    };
}
pub(crate) use for_each_level;
