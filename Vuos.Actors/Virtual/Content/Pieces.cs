using Vuos.Native;

namespace Vuos.Actors.Virtual.Content;

/// <summary>Works on the pieces of a file, several at a time.</summary>
internal static class Pieces
{
    /// <summary>Calls <paramref name="work"/> for each piece, at most <paramref name="atOnce"/> at a time; starts no more after an error, and answers the first when all that were started have ended.</summary>
    public static async ValueTask<Errno> RunAsync<T>(IEnumerable<T> pieces, int atOnce, Func<T, ValueTask<Errno>> work)
    {
        using var source = pieces.GetEnumerator();
        var first = Errno.None;
        var workers = new Task[Math.Max(1, atOnce)];
        for (var i = 0; i < workers.Length; i++)
            workers[i] = WorkAsync();
        await Task.WhenAll(workers).ConfigureAwait(false);
        return first;

        async Task WorkAsync()
        {
            while (TryNext(out var piece))
            {
                var error = await work(piece).ConfigureAwait(false);
                if (error == Errno.None)
                    continue;
                lock (source)
                    first = first == Errno.None ? error : first;
            }
        }

        bool TryNext(out T piece)
        {
            lock (source)
            {
                var more = first == Errno.None && source.MoveNext();
                piece = more ? source.Current : default!;
                return more;
            }
        }
    }
}
