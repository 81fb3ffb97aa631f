/// What runs before a task's own Python: `dbutils`, as far as it goes without a cluster, and the report of how the code ended.
enum PythonBootstrap {
    /// For a task.
    static let text = library + task
    /// For the commands of a context.
    static let commands = library + loop

    private static let library = #"""
        import base64, builtins, collections, json, os, posixpath, sys, time, traceback, urllib.error, urllib.parse, urllib.request

        # The server's sockets and files are not for the task.
        os.closerange(3, 1 << 16)
        os.chdir(os.environ.pop("DBXSIM_FOLDER"))
        with open(os.environ.pop("DBXSIM_TASK"), encoding="utf-8") as file:
            _task = json.load(file)
        _report = os.environ.pop("DBXSIM_RESULT")
        _result = {"values": {}, "secrets": []}


        class NotebookExit(BaseException):
            pass


        class Unsupported:
            def __init__(self, name):
                self.__name = name

            def __getattr__(self, attribute):
                if attribute.startswith("__"):
                    raise AttributeError(attribute)
                raise NotImplementedError(f"[UNSUPPORTED_FEATURE] {self.__name}.{attribute} is not simulated")


        def _call(method, path, body=None, raw=False, /, **query):
            url = os.environ["DATABRICKS_HOST"] + path
            if query:
                url += "?" + urllib.parse.urlencode(query)
            headers = {"Authorization": "Bearer " + os.environ["DATABRICKS_TOKEN"]}
            if path.endswith("/runs/submit"):
                headers["X-Dbxsim-Workflow"] = str(_task["run"])
            if body is not None and not isinstance(body, bytes):
                body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
            try:
                with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method)) as answer:
                    data = answer.read()
            except urllib.error.HTTPError as error:
                try:
                    told = json.load(error)
                    message = f"{told.get('error_code')}: {told.get('message')}"
                except ValueError:
                    message = str(error)
                raise RuntimeError(message) from None
            return data if raw else json.loads(data or b"{}")


        class Widgets:
            def __init__(self, given):
                self._given, self._defaults = given, {}

            def _define(self, name, defaultValue="", *rest, **more):
                self._defaults[name] = defaultValue

            text = _define

            def dropdown(self, name, defaultValue, choices=(), label=None):
                if defaultValue not in choices:
                    raise ValueError(f"The default value {defaultValue!r} of the widget {name} is not among its choices")
                self._define(name, defaultValue)

            multiselect = dropdown

            def combobox(self, name, defaultValue, choices=(), label=None):
                self._define(name, defaultValue)

            def get(self, name):
                for values in (self._given, self._defaults):
                    if name in values:
                        return values[name]
                raise ValueError(f"InputWidgetNotDefined: No input widget named {name} is defined")

            def getArgument(self, name, defaultValue=None):
                try:
                    return self.get(name)
                except ValueError:
                    if defaultValue is None:
                        raise
                    return defaultValue

            def getAll(self):
                return {**self._defaults, **self._given}

            def remove(self, name):
                self._defaults.pop(name, None)

            def removeAll(self):
                self._defaults.clear()


        class WorkflowException(RuntimeError):
            pass


        class Notebook(Unsupported):
            def exit(self, value=""):
                raise NotebookExit(str(value))

            def run(self, path, timeout_seconds, arguments=None):
                # A run of its own, which is waited for; a relative path is beside the notebook.
                place = posixpath.normpath(posixpath.join(posixpath.dirname(_task["path"]), path))
                task = {"notebook_path": place, "base_parameters": {k: str(v) for k, v in (arguments or {}).items()}}
                run = _call("POST", "/api/2.2/jobs/runs/submit", {
                    "run_name": place, "timeout_seconds": int(timeout_seconds), "tasks": [{"task_key": "notebook", "notebook_task": task}]})["run_id"]
                pause = 0.02
                while True:
                    found = _call("GET", "/api/2.2/jobs/runs/get", run_id=run)
                    if found["state"]["life_cycle_state"] in ("TERMINATED", "SKIPPED", "INTERNAL_ERROR"):
                        break
                    time.sleep(pause)
                    pause = min(1, pause * 1.5)
                answer = _call("GET", "/api/2.2/jobs/runs/get-output", run_id=found["tasks"][0]["run_id"])
                state = found["state"].get("result_state", found["state"]["life_cycle_state"])
                if state != "SUCCESS":
                    told = answer.get("error") or found["state"].get("state_message", "")
                    raise WorkflowException(f"com.databricks.NotebookExecutionException: {state}: {told}")
                return answer.get("notebook_output", {}).get("result", "")


        class Secrets:
            def getBytes(self, scope, key):
                value = base64.b64decode(_call("GET", "/api/2.0/secrets/get", scope=scope, key=key)["value"])
                _result["secrets"].append(value.decode("utf-8", "replace"))
                return value

            def get(self, scope, key):
                return self.getBytes(scope, key).decode("utf-8")

            def list(self, scope):
                found = _call("GET", "/api/2.0/secrets/list", scope=scope).get("secrets", [])
                return [SecretMetadata(entry["key"]) for entry in found]

            def listScopes(self):
                return [SecretScope(entry["name"]) for entry in _call("GET", "/api/2.0/secrets/scopes/list").get("scopes", [])]


        SecretMetadata = collections.namedtuple("SecretMetadata", "key")
        SecretScope = collections.namedtuple("SecretScope", "name")


        class FileInfo(collections.namedtuple("FileInfo", "path name size modificationTime")):
            def isDir(self):
                return self.name.endswith("/")

            def isFile(self):
                return not self.isDir()


        class FileSystem(Unsupported):
            # Volumes by the Files API, all else by DBFS.
            def _place(self, path):
                if path.startswith("dbfs:"):
                    path = path[5:]
                path = "/" + path.strip("/")
                return path == "/Volumes" or path.startswith("/Volumes/"), path

            def _url(self, kind, path):
                return f"/api/2.0/fs/{kind}" + urllib.parse.quote(path)

            def ls(self, dir):
                is_volume, path = self._place(dir)
                if not is_volume:
                    entries = _call("GET", "/api/2.0/dbfs/list", path=path).get("files", [])
                    entries = [(e["path"], e.get("is_dir"), e.get("file_size", 0), e.get("modification_time", 0)) for e in entries]
                else:
                    entries, page = [], {}
                    while page is not None:
                        answer = _call("GET", self._url("directories", path), **page)
                        entries += [(e["path"], e.get("is_directory"), e.get("file_size", 0), e.get("last_modified", 0)) for e in answer.get("contents", [])]
                        page = {"page_token": answer["next_page_token"]} if answer.get("next_page_token") else None
                found = []
                for path, is_directory, size, time in entries:
                    end = "/" if is_directory else ""
                    path = path.rstrip("/")
                    found.append(FileInfo("dbfs:" + path + end, path.rsplit("/", 1)[1] + end, size or 0, time or 0))
                return found

            def _read(self, path):
                is_volume, path = self._place(path)
                if is_volume:
                    return _call("GET", self._url("files", path), None, True)
                data = b""
                while True:
                    answer = _call("GET", "/api/2.0/dbfs/read", path=path, offset=len(data), length=1 << 20)
                    if not answer["bytes_read"]:
                        return data
                    data += base64.b64decode(answer["data"])

            def _write(self, path, data, overwrite):
                is_volume, path = self._place(path)
                if is_volume:
                    _call("PUT", self._url("files", path), data, overwrite=str(overwrite).lower())
                    return
                handle = _call("POST", "/api/2.0/dbfs/create", {"path": path, "overwrite": overwrite})["handle"]
                for start in range(0, len(data), 1 << 19):
                    block = base64.b64encode(data[start:start + (1 << 19)]).decode()
                    _call("POST", "/api/2.0/dbfs/add-block", {"handle": handle, "data": block})
                _call("POST", "/api/2.0/dbfs/close", {"handle": handle})

            def head(self, file, maxBytes=65536):
                return self._read(file)[:maxBytes].decode("utf-8", "replace")

            def put(self, file, contents, overwrite=False):
                self._write(file, contents.encode(), overwrite)
                return True

            def mkdirs(self, dir):
                is_volume, path = self._place(dir)
                if is_volume:
                    _call("PUT", self._url("directories", path))
                else:
                    _call("POST", "/api/2.0/dbfs/mkdirs", {"path": path})
                return True

            def _entries(self, path):
                # None for a file.
                try:
                    found = self.ls(path)
                except RuntimeError:
                    return None
                place = self._place(path)[1]
                return None if len(found) == 1 and self._place(found[0].path)[1] == place else found

            def cp(self, source, dest, recurse=False):
                entries = self._entries(source)
                if entries is None:
                    self._write(dest, self._read(source), True)
                elif not recurse:
                    raise RuntimeError(f"{source} is a directory: recurse=True copies it")
                else:
                    self.mkdirs(dest)
                    for entry in entries:
                        self.cp(entry.path, dest.rstrip("/") + "/" + entry.name.rstrip("/"), True)
                return True

            def mv(self, source, dest, recurse=False):
                self.cp(source, dest, recurse)
                return self.rm(source, recurse)

            def rm(self, path, recurse=False):
                entries = self._entries(path)
                is_volume, place = self._place(path)
                if not is_volume:
                    _call("POST", "/api/2.0/dbfs/delete", {"path": place, "recursive": recurse})
                elif entries is None:
                    _call("DELETE", self._url("files", place))
                else:
                    if entries and not recurse:
                        raise RuntimeError(f"{path} is not empty: recurse=True deletes what is in it")
                    for entry in entries:
                        self.rm(entry.path, True)
                    _call("DELETE", self._url("directories", place))
                return True


        class TaskValues:
            def set(self, key, value):
                if len(json.dumps(value)) > 48 << 10:
                    raise ValueError(f"The task value {key} is larger than 48 KiB")
                _result["values"][key] = value

            def get(self, taskKey, key, default=None, debugValue=None):
                values = _task["values"].get(taskKey, {})
                if key in values:
                    return values[key]
                if default is None:
                    raise ValueError(f"There is no task value {key} of the task {taskKey}")
                return default


        class Jobs(Unsupported):
            taskValues = TaskValues()


        class DBUtils(Unsupported):
            widgets = Widgets(_task.get("widgets", {}))
            notebook = Notebook("dbutils.notebook")
            secrets = Secrets()
            fs = FileSystem("dbutils.fs")
            jobs = Jobs("dbutils.jobs")


        """#

    private static let task = #"""
        def _code(source):
            """The cells in Python. Installing is left out, other languages are refused."""
            for line in source.splitlines():
                if line.startswith("# MAGIC %"):
                    magic = line[len("# MAGIC %"):].split()[:1]
                    if magic not in (["md"], ["pip"], ["python"]):
                        raise NotImplementedError(f"[UNSUPPORTED_FEATURE] a cell of %{''.join(magic)} in a notebook in Python is not simulated")
            return source


        def _finish():
            with open(_report, "w", encoding="utf-8") as file:
                json.dump(_result, file)


        def _main():
            path = _task["path"]
            names = {"__name__": "__main__", "__file__": path, "__builtins__": builtins}
            names.update(dbutils=DBUtils("dbutils"), spark=Unsupported("spark"), display=print)
            sys.argv = [path] + _task.get("arguments", [])
            sys.path[0] = os.getcwd()
            try:
                exec(compile(_code(_task["source"]) if _task.get("notebook") else _task["source"], path, "exec"), names)
            except NotebookExit as exit:
                _result["exit"] = str(exit)
            except SystemExit as exit:
                if exit.code not in (None, 0):
                    _result["error"] = f"SystemExit: {exit.code}"
            except BaseException as error:
                _result["error"] = f"{type(error).__name__}: {error}"
                trace = error.__traceback__ and error.__traceback__.tb_next
                _result["trace"] = "".join(traceback.format_exception(type(error), error, trace or error.__traceback__))
            sys.stdout.flush()
            _finish()


        _main()
        """#

    /// Commands come as lines of JSON by the standard input, which is a socket, and their ends go back by it.
    private static let loop = #"""
        def _serve():
            import ast, linecache, signal, textwrap

            reader = os.fdopen(os.dup(0), encoding="utf-8", newline="\n")
            channel = os.dup(0)
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.dup2(1, 2)
            longest, running, place, count = 5 << 20, False, 0, 0

            def say(message):
                data = json.dumps(message).encode() + b"\n"
                while data:
                    data = data[os.write(channel, data):]

            def interrupt(*_):
                if running:
                    raise KeyboardInterrupt

            def run(code, name, answer):
                nonlocal running
                if code.lstrip("\n")[:1] in (" ", "\t"):
                    code = textwrap.dedent(code)
                linecache.cache[name] = (len(code), None, code.splitlines(True), name)
                try:
                    running = True
                    say({"started": True})
                    tree = ast.parse(code, name)
                    value = None
                    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
                    exec(compile(tree, name, "exec"), names)
                    if last:
                        value = eval(compile(ast.Expression(last.value), name, "eval"), names)
                    if value is not None:
                        print(repr(value))
                except KeyboardInterrupt:
                    answer["cancelled"] = True
                except NotebookExit as exit:
                    answer["exit"] = str(exit)
                except BaseException as error:
                    trace = error.__traceback__ and error.__traceback__.tb_next
                    answer.update(error=type(error).__name__, message=str(error))
                    answer["trace"] = "".join(traceback.format_exception(type(error), error, trace))
                finally:
                    running = False

            names = {"__name__": "__main__", "__builtins__": builtins}
            names.update(dbutils=DBUtils("dbutils"), spark=Unsupported("spark"), display=print)
            sys.argv, sys.path[0] = [""], os.getcwd()
            signal.signal(signal.SIGINT, interrupt)
            say({"ready": True})
            for line in reader:
                count += 1
                answer = {}
                try:
                    run(json.loads(line)["code"], f"<command-{count}>", answer)
                except KeyboardInterrupt:
                    running = False
                    answer["cancelled"] = True
                sys.stdout.flush()
                sys.stderr.flush()
                with open(_report, "rb") as file:
                    file.seek(place)
                    data = file.read(longest + 1)
                    place = file.seek(0, os.SEEK_END)
                text = data[:longest].decode("utf-8", "replace")
                answer["text"] = answer.pop("exit", text[:-1] if text.endswith("\n") else text)
                answer["truncated"] = len(data) > longest
                answer["secrets"] = _result["secrets"]
                say(answer)


        _serve()
        """#
}
