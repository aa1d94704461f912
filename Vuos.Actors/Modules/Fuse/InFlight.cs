using System.Diagnostics.CodeAnalysis;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>The requests of a session that wait for an answer, those given up whose answer still matters, and the pool of unused ones. Safe from any thread.</summary>
internal sealed class InFlight(FuseSession session)
{
    private const int MaxPooled = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, FuseRequest> _waiting = [];
    private readonly Dictionary<ulong, (FuseOpcode Opcode, ulong Node)> _abandoned = [];
    private readonly Stack<FuseRequest> _pool = new();
    private ulong _unique;
    private bool _closed;

    public FuseRequest Rent()
    {
        lock (_lock)
            return _pool.TryPop(out var request) ? request : new FuseRequest(session);
    }

    public void Return(FuseRequest request)
    {
        lock (_lock)
        {
            if (_pool.Count < MaxPooled)
                _pool.Push(request);
        }
    }

    /// <summary>Gives a request its id; false when the session has ended.</summary>
    public bool Add(FuseRequest request)
    {
        lock (_lock)
        {
            if (_closed)
                return false;
            request.Unique = _unique += 2;
            _waiting.Add(request.Unique, request);
            return true;
        }
    }

    public bool Find(ulong unique, [NotNullWhen(true)] out FuseRequest? request)
    {
        lock (_lock)
            return _waiting.TryGetValue(unique, out request);
    }

    /// <summary>What a caller waits for.</summary>
    public FuseRequest[] Of(int pid)
    {
        lock (_lock)
            return [.. _waiting.Values.Where(request => request.Pid == pid)];
    }

    /// <summary>Whether an answer with this id can come.</summary>
    public bool Knows(ulong unique)
    {
        lock (_lock)
            return _waiting.ContainsKey(unique) || _abandoned.ContainsKey(unique);
    }

    public bool Take(ulong unique, [NotNullWhen(true)] out FuseRequest? request)
    {
        lock (_lock)
            return _waiting.Remove(unique, out request);
    }

    /// <summary>Stops waiting for an answer, which is told to the owner if it comes.</summary>
    public bool Abandon(ulong unique, [NotNullWhen(true)] out FuseRequest? request)
    {
        lock (_lock)
        {
            if (!_waiting.Remove(unique, out request))
                return false;
            _abandoned.Add(unique, (request.Opcode, request.Node));
            return true;
        }
    }

    public bool TakeAbandoned(ulong unique, out (FuseOpcode Opcode, ulong Node) abandoned)
    {
        lock (_lock)
            return _abandoned.Remove(unique, out abandoned);
    }

    /// <summary>Nothing is accepted any more; who still waits.</summary>
    public FuseRequest[] Close()
    {
        lock (_lock)
        {
            _closed = true;
            var rest = _waiting.Values.ToArray();
            _waiting.Clear();
            return rest;
        }
    }
}
