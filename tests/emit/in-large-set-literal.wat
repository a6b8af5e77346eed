  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32 i32 i32)
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i32.ne
          (i32.load offset=128
            (local.get $frame))
          (i32.const 0))
        (then
          (local.set 3
            (i32.add
              (local.tee 2
                (i32.add
                  (local.tee 2
                    (select
                      (i32.add
                        (local.tee 5
                          (i32.load offset=128
                            (local.get $frame)))
                        (local.get $frame))
                      (i32.const 0)
                      (local.get 5)))
                  (i32.load
                    (local.get 2)))
                (local.set 3
                  (i32.mul
                    (i32.load offset=4
                      (local.get 2))
                    (i32.const 16))))
              (local.get 3)))
          (local.set 4
            (i32.const 0))
          (block ;; label = @2
            (loop ;; label = @3
              (br_if 1 (;@2;)
                (i32.ge_u
                  (local.get 2)
                  (local.get 3)))
              (br_if 1 (;@2;)
                (local.tee 4
                  (call $has_entity
                    (i32.const 1024)
                    (local.set 5
                      (local.get 2))
                    (i64.load
                      (local.get 5))
                    (i64.load offset=8
                      (local.get 5)))))
              (local.set 2
                (i32.add
                  (local.get 2)
                  (i32.const 16)))
              (br 0 (;@3;))))
          (local.get 4))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\0a\00\00\00\a0\00\00\00\00\00\00\00\0f6\d0s\19\cb\a8\eak\d4\ed\e3\f0\9d\d2\01\d7\08\827^)\11\8dx\98:\9e\b1>\02O\80\d7\e3\14\f0E6\eek\fcb\8b\18\8f\afPg\bd9X]\95lnqS\ca\22\ea\87\1cb\eb\c84~\d5\dbfYB\89\d9\15\90Wlx\e4\f1\ecv\c4\fb\b0\af\98\8b34\1a{|\88,\f1\8bX\fa\fd[[\11>\d8\cc\dd\f5\b5\8a\09\b0\1d:j\e3\a2R+\9f\fb`C\88}\a0\00\0ax|\f7\b1\a3\d1\eb\a8C/\af:D\b4\a4\17\dd\der\8e\ees#/\da$\85\01\bb\e2")
