  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (call $has_entity
        (i32.const 1024)
        (local.set 2
          (i32.add
            (local.get $frame)
            (i32.const 240)))
        (i64.load
          (local.get 2))
        (i64.load offset=8
          (local.get 2)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\0a\00\00\00\a0\00\00\00\00\00\00\00\0f6\d0s\19\cb\a8\eak\d4\ed\e3\f0\9d\d2\01\d7\08\827^)\11\8dx\98:\9e\b1>\02O\80\d7\e3\14\f0E6\eek\fcb\8b\18\8f\afPg\bd9X]\95lnqS\ca\22\ea\87\1cb\eb\c84~\d5\dbfYB\89\d9\15\90Wlx\e4\f1\ecv\c4\fb\b0\af\98\8b34\1a{|\88,\f1\8bX\fa\fd[[\11>\d8\cc\dd\f5\b5\8a\09\b0\1d:j\e3\a2R+\9f\fb`C\88}\a0\00\0ax|\f7\b1\a3\d1\eb\a8C/\af:D\b4\a4\17\dd\der\8e\ees#/\da$\85\01\bb\e2")
