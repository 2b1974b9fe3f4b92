//! Reads the pickle inside a file of `torch.save`: a table of tensors, and nothing else.
//!
//! A pickle is a program for a small stack machine, and one made with ill intent can run anything in Python. Here only the
//! opcodes and names exist that tensors and their containers need; everything else is refused by name. Nothing is ever
//! executed. Opcodes: CPython's `Lib/pickletools.py`; what PyTorch writes: `torch/_utils.py` and `torch/serialization.py`.

use std::collections::HashMap;

use candle_core::DType;

/// A tensor as the pickle describes it; its numbers are in a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PickledTensor {
    pub(super) dtype: DType,
    pub(super) shape: Vec<usize>,
    /// In elements, one for each dimension.
    pub(super) stride: Vec<usize>,
    /// First element inside the storage.
    pub(super) offset: usize,
    /// Name of the storage: the file `data/NAME` of the archive.
    pub(super) storage: String,
}

type Result<T> = std::result::Result<T, String>;

/// The most dimensions of a tensor: networks have at most five.
const MAX_DIMENSIONS: usize = 8;
/// The most values in a pickle: a tensor takes about twenty.
const MAX_VALUES: usize = 2_000_000;
/// The longest name of a tensor or a storage, bytes. A pickle can use one name a million times.
const MAX_NAME: usize = 1024;
/// How many tables may be packed into each other under keys of [`NESTED`].
const MAX_TABLES: usize = 8;
/// Keys of a state dict inside of another dict, the best first: Real-ESRGAN stores averaged weights beside the raw ones.
const NESTED: [&str; 3] = ["state_dict", "params_ema", "params"];

/// All tensors of a pickle by name: those of a state dict, also of one under a key of [`NESTED`]. The elements of a plain tuple
/// or list of tensors are called 0, 1, ….
///
/// # Errors
/// One line: what the pickle holds besides tensors, or that it is cut short.
pub(super) fn tensors(pickle: &[u8]) -> Result<Vec<(String, PickledTensor)>> {
    table(pickle).map(|table| table.tensors)
}

/// A table of tensors, and what is told of where their numbers are.
pub(super) struct Table<'a> {
    pub(super) tensors: Vec<(String, PickledTensor)>,
    /// Bytes of a number, by the name of the storage.
    pub(super) widths: HashMap<String, usize>,
    /// What follows the pickle.
    pub(super) rest: &'a [u8],
}

/// The same as [`tensors`], of a pickle that something follows.
pub(super) fn table(pickle: &[u8]) -> Result<Table<'_>> {
    let mut machine = Machine::new(pickle);
    let root = machine.run()?;
    let tensors = machine.named_tensors(root)?;
    Ok(Table { tensors, widths: machine.widths, rest: machine.rest })
}

/// A list of texts, and what follows the pickle.
pub(super) fn texts(pickle: &[u8]) -> Result<(Vec<String>, &[u8])> {
    let mut machine = Machine::new(pickle);
    let root = machine.run()?;
    let texts = machine.sequence(root)?.iter().map(|&item| machine.text(item)).collect::<Result<_>>()?;
    Ok((texts, machine.rest))
}

/// What follows a pickle, whatever it holds.
pub(super) fn skip(pickle: &[u8]) -> Result<&[u8]> {
    let mut machine = Machine::new(pickle);
    machine.run()?;
    Ok(machine.rest)
}

/// Place of a value in [`Machine::nodes`]. Values refer to each other by place, so that a pickle that nests them a million times, or
/// in a circle, is read and dropped without recursion.
type Place = usize;

#[derive(Debug, Clone)]
enum Node {
    Nothing,
    Number(i64),
    Text(String),
    Class(Class),
    Storage { dtype: DType, name: String },
    Tensor(Box<PickledTensor>),
    Sequence(Vec<Place>),
    Dict(Vec<(Place, Place)>),
    Mark,
}

/// The names that a table of tensors may call.
#[derive(Debug, Clone, Copy)]
enum Class {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    Storage(DType),
    /// Integers and booleans other than 64-bit ones, of so many bytes: buffers that no network here reads.
    OtherStorage(usize),
}

impl Class {
    fn find(module: &str, name: &str) -> Result<Self> {
        match (module, name) {
            ("collections", "OrderedDict") => Ok(Self::OrderedDict),
            ("torch._utils", "_rebuild_tensor_v2") => Ok(Self::RebuildTensor),
            ("torch._utils", "_rebuild_parameter") => Ok(Self::RebuildParameter),
            ("torch", "FloatStorage") => Ok(Self::Storage(DType::F32)),
            ("torch", "HalfStorage") => Ok(Self::Storage(DType::F16)),
            ("torch", "BFloat16Storage") => Ok(Self::Storage(DType::BF16)),
            ("torch", "DoubleStorage") => Ok(Self::Storage(DType::F64)),
            ("torch", "LongStorage") => Ok(Self::Storage(DType::I64)),
            ("torch", "ByteStorage") => Ok(Self::Storage(DType::U8)),
            ("torch", "IntStorage") => Ok(Self::OtherStorage(4)),
            ("torch", "ShortStorage") => Ok(Self::OtherStorage(2)),
            ("torch", "CharStorage" | "BoolStorage") => Ok(Self::OtherStorage(1)),
            _ => Err(format!("the pickle calls {module}.{name}; only tensors are read, nothing was executed")),
        }
    }
}

struct Machine<'a> {
    rest: &'a [u8],
    nodes: Vec<Node>,
    stack: Vec<Place>,
    memo: HashMap<u32, Place>,
    /// Bytes of a number, by the name of the storage.
    widths: HashMap<String, usize>,
}

impl<'a> Machine<'a> {
    fn new(pickle: &'a [u8]) -> Self {
        Self { rest: pickle, nodes: Vec::new(), stack: Vec::new(), memo: HashMap::new(), widths: HashMap::new() }
    }

    fn run(&mut self) -> Result<Place> {
        loop {
            let code = self.take(1)?[0];
            if code == b'.' {
                return self.pop();
            }
            self.step(code)?;
        }
    }

    fn step(&mut self, code: u8) -> Result<()> {
        match code {
            0x80 => self.take(1).map(|_| ()),
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                let class = Class::find(&module, &name)?;
                self.push(Node::Class(class))
            }
            b'X' => {
                let length = self.number(4)?;
                let text = String::from_utf8(self.take(length as usize)?.to_vec());
                self.push(Node::Text(text.map_err(|_| "the pickle holds text that is not UTF-8".to_string())?))
            }
            b'K' => self.push_number(1),
            b'M' => self.push_number(2),
            // Signed.
            b'J' => {
                let value = self.number(4)? as u32;
                self.push(Node::Number(i64::from(value.cast_signed())))
            }
            0x8a => self.long(),
            b'G' => self.take(8).map(|_| ()).and_then(|()| self.push(Node::Nothing)),
            b'N' | 0x88 | 0x89 => self.push(Node::Nothing),
            b'(' => self.push(Node::Mark),
            b')' | b']' => self.push(Node::Sequence(Vec::new())),
            b'}' => self.push(Node::Dict(Vec::new())),
            0x85..=0x87 => self.tuple_of(usize::from(code - 0x84)),
            b't' => self.since_mark().and_then(|items| self.push(Node::Sequence(items))),
            b'q' => self.number(1).and_then(|key| self.remember(key)),
            b'r' => self.number(4).and_then(|key| self.remember(key)),
            b'h' => self.number(1).and_then(|key| self.recall(key)),
            b'j' => self.number(4).and_then(|key| self.recall(key)),
            b'a' => self.pop().and_then(|item| self.append(vec![item])),
            b'e' => self.since_mark().and_then(|items| self.append(items)),
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set_items(&[key, value])
            }
            b'u' => self.since_mark().and_then(|items| self.set_items(&items)),
            // The state of an object: of a state dict it is its metadata.
            b'b' => self.pop().map(|_| ()),
            b'Q' => self.persistent(),
            b'R' => self.call(),
            _ => Err(format!("the pickle has the opcode {code:#04x}, which no tensor needs; nothing was executed")),
        }
    }

    fn take(&mut self, length: usize) -> Result<&[u8]> {
        let (taken, left) =
            self.rest.split_at_checked(length).ok_or("the pickle is cut short; fetch the file again")?;
        self.rest = left;
        Ok(taken)
    }

    /// An unsigned little-endian number of at most four bytes.
    fn number(&mut self, bytes: usize) -> Result<u64> {
        Ok(self.take(bytes)?.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
    }

    fn line(&mut self) -> Result<String> {
        let end = self.rest.iter().position(|&byte| byte == b'\n');
        let end = end.ok_or("the pickle is cut short; fetch the file again")?;
        let line = self.take(end + 1)?;
        std::str::from_utf8(&line[..end])
            .map(str::to_string)
            .map_err(|_| "the pickle names something that is not text".to_string())
    }

    fn push(&mut self, node: Node) -> Result<()> {
        if self.nodes.len() >= MAX_VALUES {
            return Err(format!("the pickle holds more than {MAX_VALUES} values"));
        }
        self.nodes.push(node);
        self.stack.push(self.nodes.len() - 1);
        Ok(())
    }

    fn push_number(&mut self, bytes: usize) -> Result<()> {
        let value = self.number(bytes)?;
        self.push(Node::Number(value.cast_signed()))
    }

    /// A signed number of as many bytes as it says.
    fn long(&mut self) -> Result<()> {
        let length = self.number(1)? as usize;
        let bytes = self.take(length)?;
        if length > 8 {
            return Err("the pickle holds a number of more than 64 bits".to_string());
        }
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let fill = if negative { u64::MAX } else { 0 };
        let value = bytes.iter().rev().fold(fill, |sum, &byte| sum << 8 | u64::from(byte));
        self.push(Node::Number(value.cast_signed()))
    }

    fn pop(&mut self) -> Result<Place> {
        self.stack.pop().ok_or_else(malformed)
    }

    fn tuple_of(&mut self, count: usize) -> Result<()> {
        let start = self.stack.len().checked_sub(count).ok_or_else(malformed)?;
        let items = self.stack.split_off(start);
        self.push(Node::Sequence(items))
    }

    /// Everything above the last mark.
    fn since_mark(&mut self) -> Result<Vec<Place>> {
        let mark = self.stack.iter().rposition(|&place| matches!(self.nodes[place], Node::Mark));
        let items = self.stack.split_off(mark.ok_or_else(malformed)? + 1);
        self.stack.pop();
        Ok(items)
    }

    fn remember(&mut self, key: u64) -> Result<()> {
        let place = *self.stack.last().ok_or_else(malformed)?;
        self.memo.insert(key as u32, place);
        Ok(())
    }

    fn recall(&mut self, key: u64) -> Result<()> {
        let place = *self.memo.get(&(key as u32)).ok_or_else(malformed)?;
        self.stack.push(place);
        Ok(())
    }

    fn append(&mut self, items: Vec<Place>) -> Result<()> {
        match self.top()? {
            Node::Sequence(list) => list.extend(items),
            _ => return Err(malformed()),
        }
        Ok(())
    }

    fn set_items(&mut self, items: &[Place]) -> Result<()> {
        let (pairs, []) = items.as_chunks::<2>() else {
            return Err(malformed());
        };
        match self.top()? {
            Node::Dict(dict) => dict.extend(pairs.iter().map(|&[key, value]| (key, value))),
            _ => return Err(malformed()),
        }
        Ok(())
    }

    fn top(&mut self) -> Result<&mut Node> {
        let place = *self.stack.last().ok_or_else(malformed)?;
        Ok(&mut self.nodes[place])
    }

    /// A storage: `("storage", class, name, device, number of elements)`.
    fn persistent(&mut self) -> Result<()> {
        let place = self.pop()?;
        let [_, class, name, rest @ ..] = self.sequence(place)? else {
            return Err(malformed());
        };
        // Files from before 2020 have a sixth element; of a storage that is a part of another one it is not None.
        if rest.get(2).is_some_and(|&view| !matches!(self.nodes[view], Node::Nothing)) {
            return Err("the pickle has a storage inside of another, which is not read".to_string());
        }
        let (name, class) = (self.text(*name)?, *class);
        let (width, node) = match self.nodes[class] {
            Node::Class(Class::Storage(dtype)) => (dtype.size_in_bytes(), Node::Storage { dtype, name: name.clone() }),
            Node::Class(Class::OtherStorage(width)) => (width, Node::Nothing),
            _ => return Err(malformed()),
        };
        self.widths.insert(name, width);
        self.push(node)
    }

    /// The value of a call.
    fn call(&mut self) -> Result<()> {
        let (arguments, class) = (self.pop()?, self.pop()?);
        match (&self.nodes[class], self.sequence(arguments)?) {
            (Node::Class(Class::OrderedDict), []) => self.push(Node::Dict(Vec::new())),
            (Node::Class(Class::RebuildParameter), &[data, ..]) => {
                self.stack.push(data);
                Ok(())
            }
            (Node::Class(Class::RebuildTensor), &[storage, offset, shape, stride, ..]) => {
                let tensor = self.tensor(storage, offset, shape, stride)?;
                self.push(tensor)
            }
            _ => Err(malformed()),
        }
    }

    fn tensor(&self, storage: Place, offset: Place, shape: Place, stride: Place) -> Result<Node> {
        let (dtype, storage) = match &self.nodes[storage] {
            Node::Storage { dtype, name } => (*dtype, name.clone()),
            Node::Nothing => return Ok(Node::Nothing),
            _ => return Err(malformed()),
        };
        let (shape, stride) = (self.sizes(shape)?, self.sizes(stride)?);
        if shape.len() != stride.len() {
            return Err(malformed());
        }
        let offset = self.size(offset)?;
        Ok(Node::Tensor(Box::new(PickledTensor { dtype, shape, stride, offset, storage })))
    }

    fn sequence(&self, place: Place) -> Result<&[Place]> {
        match &self.nodes[place] {
            Node::Sequence(items) => Ok(items),
            _ => Err(malformed()),
        }
    }

    fn sizes(&self, place: Place) -> Result<Vec<usize>> {
        match self.sequence(place)? {
            sides if sides.len() > MAX_DIMENSIONS => Err(format!("a tensor has {} dimensions", sides.len())),
            sides => sides.iter().map(|&side| self.size(side)).collect(),
        }
    }

    fn size(&self, place: Place) -> Result<usize> {
        match self.nodes[place] {
            Node::Number(value) => usize::try_from(value).map_err(|_| malformed()),
            _ => Err(malformed()),
        }
    }

    fn text(&self, place: Place) -> Result<String> {
        match &self.nodes[place] {
            Node::Text(text) if text.len() <= MAX_NAME => Ok(text.clone()),
            Node::Text(text) => Err(format!("the pickle has a name of {} bytes", text.len())),
            _ => Err(malformed()),
        }
    }

    fn named_tensors(&self, root: Place) -> Result<Vec<(String, PickledTensor)>> {
        let mut named = self.entries(root)?;
        for _ in 0..MAX_TABLES {
            let under = |key: &&str| named.iter().find(|(name, _)| name == key).map(|&(_, place)| place);
            let is_table = |place: &Place| matches!(self.nodes[*place], Node::Dict(_));
            match NESTED.iter().filter_map(under).find(is_table) {
                Some(inner) => named = self.entries(inner)?,
                None => return Ok(self.tensors_of(named)),
            }
        }
        Err("the pickle packs its tables into each other without an end".to_string())
    }

    fn entries(&self, table: Place) -> Result<Vec<(String, Place)>> {
        match &self.nodes[table] {
            Node::Sequence(items) => Ok(items.iter().enumerate().map(|(i, &item)| (i.to_string(), item)).collect()),
            Node::Dict(dict) => {
                Ok(dict.iter().filter_map(|&(key, value)| Some((self.text(key).ok()?, value))).collect())
            }
            _ => Err("the pickle is no table of tensors".to_string()),
        }
    }

    fn tensors_of(&self, entries: Vec<(String, Place)>) -> Vec<(String, PickledTensor)> {
        let tensor = |(name, place): (String, Place)| match &self.nodes[place] {
            Node::Tensor(tensor) => Some((name, (**tensor).clone())),
            _ => None,
        };
        entries.into_iter().filter_map(tensor).collect()
    }
}

fn malformed() -> String {
    "the pickle is not what torch.save writes; fetch the file again".to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_state_dict_is_let_through() {
        assert_eq!(tensors(b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01.").unwrap(), []);
    }

    #[test]
    fn a_pickle_that_calls_the_system_is_refused_by_name() {
        let error = tensors(b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00id\x85R.").unwrap_err();
        assert!(error.contains("calls posix.system"), "{error}");
    }

    #[test]
    fn a_name_put_together_on_the_stack_is_refused() {
        let error = tensors(b"\x80\x04X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93.").unwrap_err();
        assert!(error.contains("opcode 0x93"), "{error}");
    }

    #[test]
    fn a_pickle_cut_short_is_told_so() {
        for pickle in [&b"\x80\x02}"[..], b"\x80\x02X\xff\xff\x00\x00a.", b"\x80\x02ccollections"] {
            assert!(tensors(pickle).unwrap_err().contains("cut short"));
        }
    }

    #[test]
    fn nonsense_is_refused_without_a_panic() {
        let no_arguments = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.";
        let nothing_there = b"\x80\x02R.";
        let no_mark = b"\x80\x02)t.";
        let large_number = b"\x80\x02\x8a\x09AAAAAAAAA.";
        for pickle in [&no_arguments[..], nothing_there, no_mark, large_number, b"N.", b"\x85.", b"h\x00."] {
            tensors(pickle).unwrap_err();
        }
    }

    /// `{"state_dict": table}`
    fn table_in_table(inner: &[u8]) -> Vec<u8> {
        [&b"}X\x0a\0\0\0state_dict"[..], inner, b"s"].concat()
    }

    #[test]
    fn tables_inside_tables_are_read_and_end() {
        let mut pickle = b"}".to_vec();
        for _ in 0..3 {
            pickle = table_in_table(&pickle);
        }
        assert_eq!(tensors(&[&pickle[..], b"."].concat()).unwrap(), []);
        // Two that hold each other: the second recalls the first.
        let circle = b"\x80\x02}q\x00X\x0a\0\0\0state_dict}q\x01X\x0a\0\0\0state_dicth\x00ss.";
        assert!(tensors(circle).unwrap_err().contains("without an end"));
        let deep = [b"}X\x0a\0\0\0state_dict".repeat(400_000), b"}".to_vec(), b"s".repeat(400_000), b".".to_vec()];
        tensors(&deep.concat()).unwrap_err();
    }

    #[test]
    fn what_is_used_a_million_times_is_not_copied() {
        let number = b"K\x01".repeat(200_000);
        let shape = [&b"("[..], &number, b"tq\x01"].concat();
        let tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(h\x02K\x00h\x01h\x01tR";
        let storage = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x01tQq\x02";
        let pickle = [&b"\x80\x02"[..], &shape, storage, &tensor.repeat(30_000), b"."].concat();
        assert!(tensors(&pickle).unwrap_err().contains("200000 dimensions"));
        let name = [&b"X\0\0\x10\0"[..], &vec![b'a'; 1 << 20], b"q\x01"].concat();
        let entries = b"h\x01K\x01s".repeat(500_000);
        let pickle = [&b"\x80\x02"[..], &name, b"}", &entries, b"."].concat();
        assert_eq!(tensors(&pickle).unwrap(), []);
        let values = [&b"\x80\x02"[..], &vec![b'N'; 5_000_000], b"."].concat();
        assert!(tensors(&values).unwrap_err().contains("values"));
        // A call looks at its first arguments alone.
        let parameter = b"ctorch._utils\n_rebuild_parameter\nh\x01R".repeat(30_000);
        let pickle = [&b"\x80\x02"[..], &shape, &parameter, b"."].concat();
        tensors(&pickle).unwrap_err();
    }

    #[test]
    fn deep_nesting_and_doubling_cost_nothing() {
        let deep = [&b"\x80\x02)"[..], &vec![0x85; 1_000_000], b"."].concat();
        assert_eq!(tensors(&deep).unwrap(), []);
        // Each round makes (x, x) of x: with copies, 2⁶⁴ values.
        let doubling = [&b"\x80\x02)"[..], &b"q\x00h\x00\x86".repeat(64), b"."].concat();
        assert_eq!(tensors(&doubling).unwrap(), []);
    }
}
