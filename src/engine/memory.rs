//! How much of the model stays in memory between two pictures.

use candle_core::Device;

use super::options::MemoryPlan;

/// The part of the free memory that weights may take; the rest is for activations.
const FREE_MEMORY_FRACTION: f64 = 0.7;

/// Which networks stay loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Residency {
    /// All of them: the fastest.
    All,
    /// Each network only while its stage runs; loaded again for the next recipe.
    ByStage,
}

impl Residency {
    /// As the plan says; [`MemoryPlan::Auto`] by whether weights of that many bytes fit.
    ///
    /// On a GPU, `Auto` keeps everything: how much is free there is not known before the first use.
    pub(super) fn choose(plan: MemoryPlan, bytes: u64, device: &Device) -> Self {
        match plan {
            MemoryPlan::High => Self::All,
            MemoryPlan::Low => Self::ByStage,
            MemoryPlan::Auto => match free_memory() {
                Some(free) if device.is_cpu() && bytes as f64 > free as f64 * FREE_MEMORY_FRACTION => {
                    tracing::info!(
                        weights_mb = bytes / 1_000_000,
                        free_mb = free / 1_000_000,
                        "memory is short: networks are loaded by stage"
                    );
                    Self::ByStage
                }
                _ => Self::All,
            },
        }
    }
}

/// Bytes that can be taken without swapping; `None` where the system does not report it (only Linux does).
fn free_memory() -> Option<u64> {
    let available = available(&std::fs::read_to_string("/proc/meminfo").ok()?)?;
    let limit = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    Some(limit.map_or(available, |limit: u64| limit.min(available)))
}

/// The most memory this process has had resident, mapped pages included, bytes; `None` where the system does not report it
/// (only Linux does).
pub(super) fn peak_memory() -> Option<u64> {
    amount(&std::fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// Bytes that are free where a device computes; `None` where the system does not report it.
pub(super) fn free_memory_of(device: &Device) -> Option<u64> {
    if device.is_cpu() { free_memory() } else { free_on_gpu(device) }
}

#[cfg(feature = "cuda")]
fn free_on_gpu(device: &Device) -> Option<u64> {
    let Device::Cuda(device) = device else { return None };
    let (free, _) = device.cuda_stream().context().mem_get_info().ok()?;
    Some(free as u64)
}

#[cfg(not(feature = "cuda"))]
fn free_on_gpu(_: &Device) -> Option<u64> {
    None
}

/// Measures the memory that a computation takes at its peak, beside what is taken before.
#[derive(Debug)]
pub(super) enum StepMemory {
    /// Resident before.
    Resident(u64),
    /// Free before. What a computation takes stays reserved until the host waits for the device.
    Gpu { free: u64, device: Device },
}

impl StepMemory {
    /// Just before it; `None` where the system does not report it.
    pub(super) fn before(device: &Device) -> Option<Self> {
        if device.is_cpu() {
            // From now on the peak counts anew.
            std::fs::write("/proc/self/clear_refs", "5").ok()?;
            return peak_memory().map(Self::Resident);
        }
        device.synchronize().ok()?;
        Some(Self::Gpu { free: free_on_gpu(device)?, device: device.clone() })
    }

    /// Just after it, before anything waits for the device.
    pub(super) fn taken(self) -> Option<u64> {
        match self {
            Self::Resident(before) => Some(peak_memory()?.saturating_sub(before)),
            Self::Gpu { free, device } => Some(free.saturating_sub(free_on_gpu(&device)?)),
        }
    }
}

fn available(meminfo: &str) -> Option<u64> {
    amount(meminfo, "MemAvailable:")
}

/// The amount in a line such as `MemAvailable:    1000 kB`, bytes.
fn amount(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// The peak is the whole process's: tests that read it take turns.
#[cfg(test)]
pub(super) static PEAK: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_what_is_free() {
        let text = "MemTotal:       24576000 kB\nMemFree: 1 kB\nMemAvailable:    1000 kB\n";
        assert_eq!(available(text), Some(1_024_000));
        assert_eq!(available("nothing"), None);
    }

    #[test]
    fn the_peak_is_what_was_once_held() {
        let _alone = PEAK.lock();
        let Some(before) = peak_memory() else {
            return;
        };
        drop(vec![1u8; 200 << 20]);
        assert!(peak_memory().unwrap_or(0) >= before.max(200 << 20));
    }

    #[test]
    fn what_does_not_fit_is_loaded_by_stage() {
        let choose = |plan, bytes| Residency::choose(plan, bytes, &Device::Cpu);
        assert_eq!(choose(MemoryPlan::Auto, 1), Residency::All);
        assert_eq!(choose(MemoryPlan::High, u64::MAX), Residency::All);
        assert_eq!(choose(MemoryPlan::Low, 1), Residency::ByStage);
        if free_memory().is_some() {
            assert_eq!(choose(MemoryPlan::Auto, u64::MAX), Residency::ByStage);
        }
    }
}
