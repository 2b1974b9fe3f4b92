//! The bot in this process, over HTTP: a Bot API server, the real dispatcher, queue and worker, and a backend that is quick.

mod albums;
mod crowd;
mod describing;
mod devices;
mod faults;
mod files;
mod loading;
mod network_faults;
mod previews;
mod words;
