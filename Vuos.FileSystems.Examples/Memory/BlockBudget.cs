namespace Vuos.FileSystems.Examples;

/// <summary>How many blocks the files of a file system may have in all. Not locked: its file system is.</summary>
internal sealed class BlockBudget(long limit)
{
    /// <summary>Blocks.</summary>
    public long Limit { get; } = limit;

    public long Used { get; private set; }

    public long Free => Limit - Used;

    public bool Take()
    {
        if (Used >= Limit)
            return false;
        Used++;
        return true;
    }

    public void Give(long blocks) => Used -= blocks;
}
