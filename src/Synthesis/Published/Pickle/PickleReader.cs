using static Factory.Synthesis.Published.Pickle.PickleOpcode;

namespace Factory.Synthesis.Published.Pickle;

/// <summary>
/// Reads one pickle as data: a stack machine that knows the instructions and names of state dicts and refuses all others. It calls nothing that the
/// file names, and ends after a bounded number of instructions and bytes.
/// </summary>
internal sealed class PickleReader
{
    internal const long MaxBytes = 16 << 20;
    internal const int MaxInstructions = 1_000_000;
    private const int MaxProtocol = 5;

    private readonly PickleBytes _bytes;
    private readonly StateDictGlobals _globals;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];

    private PickleReader(Stream stream, StateDictGlobals globals) => (_bytes, _globals) = (new PickleBytes(stream, MaxBytes), globals);

    /// <summary>Reads the pickle at the stream's position and leaves the stream behind it.</summary>
    /// <exception cref="WeightFileException">It is malformed, truncated or too large, or names what is not known.</exception>
    internal static object? Read(Stream stream, StateDictGlobals globals) => new PickleReader(stream, globals).Run();

    private object? Run()
    {
        if ((PickleOpcode)_bytes.Byte() != Protocol || _bytes.Byte() is < 2 or > MaxProtocol)
            throw new WeightFileException($"This is no pickle of protocol 2 to {MaxProtocol}.");
        for (var done = 0; done < MaxInstructions; done++)
        {
            var opcode = (PickleOpcode)_bytes.Byte();
            if (opcode == Stop)
                return Pop();
            if (!Literal(opcode) && !Container(opcode) && !Memory(opcode) && !Construction(opcode))
                throw new WeightFileException($"The pickle uses instruction 0x{(int)opcode:x2} at byte {_bytes.Read - 1}, which no state dict needs: refused.");
        }

        throw new WeightFileException($"The pickle has more than {MaxInstructions} instructions: it is no state dict of a network.");
    }

    private bool Literal(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case None: Push(null); return true;
            case NewTrue: Push(true); return true;
            case NewFalse: Push(false); return true;
            case BinInt: Push((long)(int)_bytes.UInt32()); return true;
            case BinInt1: Push((long)_bytes.Byte()); return true;
            case BinInt2: Push((long)_bytes.UInt16()); return true;
            case Long1: Push(_bytes.Long(_bytes.Byte())); return true;
            case BinFloat: Push(_bytes.Double()); return true;
            case BinUnicode: Push(_bytes.Text(_bytes.UInt32())); return true;
            case ShortBinUnicode: Push(_bytes.Text(_bytes.Byte())); return true;
            case BinString: Push(_bytes.Text(_bytes.UInt32())); return true; // What Python 2 wrote for text.
            case ShortBinString: Push(_bytes.Text(_bytes.Byte())); return true;
            default: return false;
        }
    }

    private bool Container(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case Mark: _marks.Push(_stack.Count); return true;
            case EmptyTuple: Push(PickleTuple.Empty); return true;
            case Tuple1: Push(new PickleTuple(Take(1))); return true;
            case Tuple2: Push(new PickleTuple(Take(2))); return true;
            case Tuple3: Push(new PickleTuple(Take(3))); return true;
            case PickleOpcode.Tuple: Push(new PickleTuple(TakeMarked())); return true;
            case EmptyList: Push(new PickleList()); return true;
            case PickleOpcode.List: Extend(new PickleList(), TakeMarked(), push: true); return true;
            case Append: Extend(null, Take(1), push: false); return true;
            case Appends: Extend(null, TakeMarked(), push: false); return true;
            case EmptyDictionary: Push(new PickleDictionary()); return true;
            case SetItem: SetEntries(Take(2)); return true;
            case SetItems: SetEntries(TakeMarked()); return true;
            default: return false;
        }
    }

    private bool Memory(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case BinPut: _memo[_bytes.Byte()] = Top(); return true;
            case LongBinPut: _memo[_bytes.UInt32()] = Top(); return true;
            case Memoize: _memo[(uint)_memo.Count] = Top(); return true;
            case BinGet: Push(Remembered(_bytes.Byte())); return true;
            case LongBinGet: Push(Remembered(_bytes.UInt32())); return true;
            case PickleOpcode.Pop: Pop(); return true;
            case PopMark: TakeMarked(); return true;
            case Frame: _bytes.Skip(8); return true; // A hint for buffering.
            default: return false;
        }
    }

    private bool Construction(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case Global: Push(_globals.Find(_bytes.Line(), _bytes.Line())); return true;
            case StackGlobal: Push(Take(2) is [string module, string name] ? _globals.Find(module, name) : throw Malformed("a name is no text")); return true;
            case BinPersistentId: Push(_globals.Storage(Pop())); return true;
            case Reduce: Push(Take(2) is [PickleGlobal function, PickleTuple arguments] ? StateDictGlobals.Call(function, arguments) : throw Malformed("what is called is no known name")); return true;
            case NewObject: Push(Take(2) is [PickleGlobal type, PickleTuple] ? StateDictGlobals.New(type) : throw Malformed("what is made is of no known type")); return true;
            case Build: SetState(Pop()); return true;
            default: return false;
        }
    }

    private void SetState(object? state)
    {
        switch (Top())
        {
            case PickleObject made when state is PickleDictionary attributes:
                foreach (var (name, value) in attributes.Entries)
                    made.Attributes[name] = value;
                break;
            case PickleDictionary: // An OrderedDict's attributes, such as the versions of its modules.
                break;
            default:
                throw Malformed($"the state of {PickleTuple.Describe(Top())} is set");
        }
    }

    private void SetEntries(List<object?> items)
    {
        if (Top() is not PickleDictionary dictionary || items.Count % 2 != 0)
            throw Malformed("entries are set of what is no dictionary, or in odd number");
        for (var i = 0; i < items.Count; i += 2)
        {
            if (items[i] is string key)
                dictionary.Entries[key] = items[i + 1];
        }
    }

    private void Extend(PickleList? made, List<object?> items, bool push)
    {
        var list = made ?? Top() as PickleList ?? throw Malformed("items are added to what is no list");
        list.Items.AddRange(items);
        if (push)
            Push(list);
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Top() => _stack.Count > Floor ? _stack[^1] : throw Malformed("its stack is empty");

    private object? Pop() => Take(1)[0];

    private int Floor => _marks.TryPeek(out var mark) ? mark : 0;

    private List<object?> Take(int count)
    {
        if (_stack.Count - Floor < count)
            throw Malformed("its stack is empty");
        var taken = _stack.GetRange(_stack.Count - count, count);
        _stack.RemoveRange(_stack.Count - count, count);
        return taken;
    }

    private List<object?> TakeMarked()
    {
        if (_marks.Count == 0)
            throw Malformed("a mark is missing");
        var taken = Take(_stack.Count - _marks.Peek());
        _marks.Pop();
        return taken;
    }

    private object? Remembered(uint index) => _memo.TryGetValue(index, out var value) ? value : throw Malformed($"it refers to entry {index}, which it did not make");

    private WeightFileException Malformed(string why) => new($"The pickle is malformed at byte {_bytes.Read}: {why}.");
}
