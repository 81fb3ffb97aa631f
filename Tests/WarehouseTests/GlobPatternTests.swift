import Testing
import Warehouse

@Suite struct GlobPatternTests {
    private func covers(_ pattern: String, _ path: String) -> Bool { GlobPattern(pattern)?.covers(path[...]) ?? false }

    @Test func signs() {
        #expect(covers("/a/*.csv", "/a/b.csv"))
        #expect(!covers("/a/*.csv", "/a/b/c.csv"))
        #expect(covers("/a/*", "/a/b/c.csv"))
        #expect(covers("?[a-c][^x]", "1bz"))
        #expect(!covers("?[a-c][^x]", "1bx"))
        #expect(covers("{ab,c{de,fh}}", "cfh"))
        #expect(!covers("{ab,c{de,fh}}", "cab"))
        #expect(covers("a*b*c", "aXXbYbZc"))
        #expect(!covers("a*b*c", "aXXbYbZ"))
        #expect(covers("\\*", "*") && !covers("\\*", "x"))
        #expect(!covers("/a/b/c", "/a/b"))
    }

    @Test func manyAlternativesAreRefused() {
        #expect(GlobPattern(String(repeating: "{a,b}", count: 12)) == nil)
        #expect(covers("{a", "{a"))
    }
}
