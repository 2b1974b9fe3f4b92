//! How the engine's choices are written on the command line.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::engine::{DeviceKind, MemoryPlan, Translate};

impl ValueEnum for DeviceKind {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Cpu, Self::Cuda]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Auto => {
                PossibleValue::new("auto").help("A GPU where the program was built for one and finds one, else the CPU")
            }
            Self::Cpu => PossibleValue::new("cpu").help("The CPU"),
            Self::Cuda => PossibleValue::new("cuda").help("An NVIDIA GPU (needs a build with the feature cuda)"),
        })
    }
}

impl ValueEnum for MemoryPlan {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Low, Self::High]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Auto => PossibleValue::new("auto").help("All parts if they fit into free memory, else as low"),
            Self::Low => PossibleValue::new("low")
                .help("Only the parts of the running stage; slower, because they are loaded again for every job"),
            Self::High => PossibleValue::new("high").help("All parts"),
        })
    }
}

impl ValueEnum for Translate {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Off, Self::Prior]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Auto => PossibleValue::new("auto").help("Both text encoders get the English text"),
            Self::Off => PossibleValue::new("off").help("Nothing is translated"),
            Self::Prior => {
                PossibleValue::new("prior").help("The prior gets the English text, the decoder what was written")
            }
        })
    }
}
