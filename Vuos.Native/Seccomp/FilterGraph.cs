namespace Vuos.Native.Seccomp;

/// <summary>
/// A filter as a graph of shared nodes without cycles, and its translation to instructions. Nodes are numbered; equal nodes are one node, so
/// a program has each answer once however many calls lead to it. Nodes are objects, and the program is filled into an array: each run builds its filters
/// before its first guest runs, and collections of structs of ours would have to be compiled then (decision 16).
/// </summary>
internal sealed class FilterGraph
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Node, int> _known = [];

    /// <summary>Ends with this value.</summary>
    public int Return(uint value) => Add(new Node(BpfCode.Return, value, -1, -1));

    /// <summary>Loads the word at an offset of the call's data and goes on.</summary>
    public int Load(uint offset, int next) => Add(new Node(BpfCode.Load, offset, next, next));

    /// <summary>Compares the loaded word and goes one way or the other.</summary>
    public int Test(ushort code, uint value, int yes, int no) => yes == no ? yes : Add(new Node(code, value, yes, no));

    /// <summary>
    /// The program that starts at a node. It is laid out from its end, since jumps only go forward: when a node is placed, everything
    /// it can lead to has its place, so distances are known and one that does not fit a byte gets a long jump at once.
    /// </summary>
    public BpfInstruction[] Assemble(int root)
    {
        var program = new Backwards(_nodes.Count);
        Place(root, program, []);
        return program.ToArray();
    }

    private int Add(Node node)
    {
        if (_known.TryGetValue(node, out var number))
            return number;
        number = _nodes.Count;
        _nodes.Add(node);
        _known.Add(node, number);
        return number;
    }

    private void Place(int number, Backwards program, Dictionary<int, int> places)
    {
        if (places.ContainsKey(number))
            return;
        var node = _nodes[number];
        if (node.Code == BpfCode.Return)
        {
            program.Add(new(node.Code, 0, 0, node.Value));
        }
        else if (node.Code == BpfCode.Load)
        {
            Place(node.Yes, program, places);
            if (Distance(program, places[node.Yes]) is var distance and > 0)
                program.Add(new(BpfCode.Jump, 0, 0, distance));
            program.Add(new(node.Code, 0, 0, node.Value));
        }
        else
        {
            Place(node.No, program, places);
            Place(node.Yes, program, places);
            // One less than the reach, as the other side may still put an instruction in between.
            var no = InReach(node.No, byte.MaxValue - 1, program, places);
            var yes = InReach(node.Yes, byte.MaxValue, program, places);
            program.Add(new(node.Code, checked((byte)Distance(program, yes)), checked((byte)Distance(program, no)), node.Value));
        }
        places.Add(number, program.Count - 1);
    }

    /// <summary>
    /// The place of a node. When it is further than <paramref name="reach"/>, a copy of it (an answer) or a long jump to it is put here, and that
    /// is its place from now on, in reach of more.
    /// </summary>
    private int InReach(int number, int reach, Backwards program, Dictionary<int, int> places)
    {
        var distance = Distance(program, places[number]);
        if (distance > reach)
        {
            var node = _nodes[number];
            program.Add(node.Code == BpfCode.Return ? new(node.Code, 0, 0, node.Value) : new(BpfCode.Jump, 0, 0, distance));
            places[number] = program.Count - 1;
        }
        return places[number];
    }

    /// <summary>Instructions between the one to be added next and a place.</summary>
    private static uint Distance(Backwards program, int place) => (uint)(program.Count - 1 - place);

    private sealed record Node(ushort Code, uint Value, int Yes, int No);

    /// <summary>A program that is written from its end. A node takes three instructions at most: its own and two long jumps.</summary>
    private sealed class Backwards(int nodes)
    {
        private readonly BpfInstruction[] _items = new BpfInstruction[3 * nodes];

        public int Count { get; private set; }

        public void Add(BpfInstruction instruction) => _items[^++Count] = instruction;

        public BpfInstruction[] ToArray() => _items[^Count..];
    }
}
